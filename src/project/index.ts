export { chooseExperiment, type NamedExperiment } from './choose-experiment.ts';
export { findEntryPoint } from './entry-point.ts';
export { type PathContext, resolvePath } from './file-parameter.ts';
export { imageRepository } from './image-repository.ts';
export { loadProject, loadProjectIfAny } from './load-project.ts';
export { parseParameterArguments } from './parameter-arguments.ts';
export type { DockerEnvironment, EntryPoint, ParameterDeclaration, ParameterType, Project } from './project.ts';
export { renderCommand } from './render-command.ts';
export { type ResolvedParameters, type ResolveOptions, resolveParameters } from './resolve-parameters.ts';
