import type { RunPlan } from './plan.ts';

/** Processes a container may hold where nothing else is said. */
export const usualPids = 4096;

/**
 * What else has to be said on the command line to have a run of this plan again, besides entry point, parameters,
 * experiment, engine and GPUs: options and values, without those that are so by themselves.
 */
export function planOptions(plan: RunPlan): (readonly [option: string, value: string])[] {
  const { limits, passEnvironment, envFiles, secretFiles, project, registerModel } = plan;
  const { cpus, memoryMiB, shmMiB, pids } = limits;
  return [
    ...passEnvironment.map((name) => ['env', name] as const),
    ...Object.keys(envFiles).map((file) => ['env-file', file] as const),
    ...Object.entries(secretFiles).map(([name, file]) => ['secret', `${name}=${file}`] as const),
    ...(registerModel === null || registerModel === project.name ? [] : ([['register-model', registerModel]] as const)),
    ...(cpus === null ? [] : ([['cpus', String(cpus)]] as const)),
    ...(memoryMiB === null ? [] : ([['memory', `${memoryMiB}m`]] as const)),
    ...(shmMiB === null ? [] : ([['shm-size', `${shmMiB}m`]] as const)),
    ...(pids === usualPids ? [] : ([['pids-limit', String(pids)]] as const)),
  ];
}
