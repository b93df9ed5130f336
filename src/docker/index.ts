export { buildProgress } from './build-progress.ts';
export { deviceRequest } from './container-request.ts';
export { DockerEngine } from './engine.ts';
export { DockerApiError, ImageBuildError } from './errors.ts';
export { readLines } from './json-lines.ts';
export { loadTransport } from './transport.ts';
export type * from './types.ts';
export { usualBuilder } from './usual-builder.ts';
