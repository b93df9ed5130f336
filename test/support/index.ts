export { dataDirectory, requireData } from './data-directory.ts';
export { requireDocker } from './docker.ts';
export { freePort } from './free-port.ts';
export { type GitProject, type GitProjectOptions, gitProject } from './git-project.ts';
export { keptOutput } from './kept-output.ts';
export { type MlflowOptions, type MlflowServer, startMlflow } from './mlflow.ts';
export { pythonPath, requirePython } from './python.ts';
export { mlflowVersion, tensorflowVersion } from './python-environment.ts';
export { skip, skipWithout } from './skip.ts';
export {
  jsonEvents,
  type RunningSlipway,
  type SlipwayEnd,
  type SlipwayOptions,
  slipway,
  startSlipway,
} from './slipway.ts';
export { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';
export { typeScriptProgram } from './typescript-process.ts';
