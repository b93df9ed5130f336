import { basename, dirname, resolve } from 'node:path';
import { commitFiles, type Versioning } from './first-commit.ts';
import { type NewFile, projectFiles } from './project-files.ts';
import { checkProjectName, projectNameOf } from './project-name.ts';
import { isEmptyFolder, writeFiles } from './write-files.ts';

export interface InitRequest {
  /** The folder to make, which gives the project its name; null for the working folder itself. */
  readonly folder: string | null;
  readonly workingDirectory: string;
  /** True to commit in any case, false to leave git alone; null to commit where the project makes a repository of its own. */
  readonly git: boolean | null;
  /** Whether it has classes of its own: a data loader, a network and an evaluator. */
  readonly components?: boolean;
  readonly signal?: AbortSignal;
}

/** A project that was made. */
export interface NewProject {
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  readonly files: readonly NewFile[];
  readonly versioning: Versioning;
}

/**
 * Makes a project that trains with the trainer of Slipway, in a folder that is new or empty. All files are there at the
 * end, or none.
 * Throws UsageError for a name or a folder that cannot be used, CannotWriteError where nothing can be written.
 */
export async function initProject(request: InitRequest): Promise<NewProject> {
  const directory = resolve(request.workingDirectory, request.folder ?? '.');
  const { folder } = request;
  const isNamed = folder !== null && directory !== resolve(request.workingDirectory);
  const name = isNamed ? checkProjectName(basename(directory), dirname(folder)) : projectNameOf(directory);
  // Before the trainer is asked: a folder that cannot be used is told at once.
  await isEmptyFolder(directory);
  const files = await projectFiles(name, request);
  request.signal?.throwIfAborted();
  await writeFiles(directory, files);
  const versioning = await commitFiles(
    directory,
    files.map((file) => file.name),
    request.git,
  );
  return { name, directory, files, versioning };
}
