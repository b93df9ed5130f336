import type { OnExchange } from '../util/http-exchange.ts';
import { DockerExecutor } from './docker.ts';
import type { Executor } from './executor.ts';
import { HostExecutor } from './host.ts';

const executors: Readonly<Record<'docker' | 'host', (onExchange?: OnExchange) => Executor>> = {
  docker: (onExchange) => new DockerExecutor(onExchange),
  host: () => new HostExecutor(),
};

/** The executor of an engine. `onExchange` hears of every request to it. */
export function createExecutor(engine: keyof typeof executors, onExchange?: OnExchange): Executor {
  return executors[engine](onExchange);
}

export { chooseEngine, type EngineChoice } from './choose-engine.ts';
export { containerLabels, containerOptions, isLoopback } from './container-options.ts';
export { requireGpuRuntime } from './docker.ts';
export type * from './executor.ts';
export { type ImagePreview, previewImage } from './preview-image.ts';
export { type ProcessPreview, previewProcess } from './preview-process.ts';
