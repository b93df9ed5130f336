import { DockerExecutor } from './docker.ts';
import type { Executor } from './executor.ts';
import { HostExecutor } from './host.ts';

const executors: Readonly<Record<'docker' | 'host', () => Executor>> = {
  docker: () => new DockerExecutor(),
  host: () => new HostExecutor(),
};

/** The executor of an engine. */
export function createExecutor(engine: keyof typeof executors): Executor {
  return executors[engine]();
}

export { chooseEngine, type EngineChoice } from './choose-engine.ts';
export { isLoopback } from './container-options.ts';
export { requireGpuRuntime } from './docker.ts';
export type * from './executor.ts';
