import type { RunPlan } from '../runs/plan.ts';
import { requireGpu } from './host-gpu.ts';
import { needsTensorflow } from './host-tensorflow.ts';
import { programPackages } from './host-trainer.ts';
import { processVariables } from './host-variables.ts';
import { secretsVariable } from './secrets-folder.ts';

/** The process that a launch on the host would start. */
export interface ProcessPreview {
  readonly directory: string;
  readonly command: string;
  /** Names of the variables beside those that it inherits. */
  readonly environment: readonly string[];
  /** Whether TensorFlow is made ready for it first, where it is not. */
  readonly needsTensorflow: boolean;
}

/** Draws the process up as the host executor does, and starts nothing. Throws what that would throw before it begins. */
export async function previewProcess(
  plan: RunPlan,
  runDirectory: string,
  given: Readonly<Record<string, string>>,
): Promise<ProcessPreview> {
  if (plan.gpus !== null) await requireGpu();
  const secrets = Object.keys(plan.secretFiles).length === 0 ? [] : [secretsVariable];
  return {
    directory: plan.project.directory,
    command: plan.project.command,
    environment: [...Object.keys(processVariables(plan, runDirectory, given)), ...secrets].sort(),
    needsTensorflow: await needsTensorflow(programPackages(plan).projectDirectory),
  };
}
