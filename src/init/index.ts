export type { Versioning } from './first-commit.ts';
export { type InitRequest, initProject, type NewProject } from './init-project.ts';
export type { NewFile } from './project-files.ts';
