import type { RunPlan } from '../runs/plan.ts';
import { programPath } from './host-trainer.ts';

/** What a program on the host finds in its environment beside what it inherits, but for the folder of its secrets. */
export function processVariables(
  plan: RunPlan,
  runDirectory: string,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    PATH: programPath(plan),
    ...visibleDevices(plan.gpus),
    ...given,
    SLIPWAY_RUN_DIR: runDirectory,
    SLIPWAY_STORAGE: plan.storage.directory,
  };
}

/** `--gpus` in CUDA's own variable: the first ones, or those named; for `all` it stays as it is. */
export function visibleDevices(gpus: string | null): { readonly CUDA_VISIBLE_DEVICES?: string } {
  if (gpus === null || gpus === 'all') return {};
  const devices = /^"?device=([\w,:-]+)"?$/.exec(gpus)?.[1];
  return { CUDA_VISIBLE_DEVICES: devices ?? Array.from({ length: Number(gpus) }, (_, index) => index).join(',') };
}
