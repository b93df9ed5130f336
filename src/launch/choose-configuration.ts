import { existsSync, realpathSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { errorCode, UsageError } from '../errors.ts';
import { describeContext } from '../image/index.ts';
import type { EntryPoint, Project } from '../project/index.ts';
import { isOwnTrainerCommand } from '../trainer-program/index.ts';
import { quoteForShell } from '../util/index.ts';

type Given = Readonly<Record<string, string>>;

/** What decides which configuration file a run has. */
export interface ConfigurationWish {
  /** --config, a path in the project or from the working directory. */
  readonly configFile: string | null;
  readonly runName: string | null;
  /** Parameters as typed. */
  readonly given: Given;
}

export interface ConfigurationContext {
  readonly project: Project;
  readonly entryPoint: EntryPoint;
  /** Whether the entry point's command is the trainer that comes with Slipway. */
  readonly isTrainer: boolean;
  readonly storageDirectory: string;
  readonly engineHasContainers: boolean;
}

/** A configuration file that was named or found. */
export interface ChosenConfiguration {
  /** Its path below the project's folder, with slashes. */
  readonly file: string;
  /** Whether it is there for the run's name. */
  readonly isOfRunName: boolean;
}

/** Where a project keeps the configuration of a run of this name. */
export const configurationOfRun = (runName: string): string => `runs/${runName}/config.yaml`;

/**
 * The configuration file of a run: the one that --config names, else `runs/<run name>/config.yaml` of the project where
 * that exists. Null where there is none of both, and where the parameter config was typed, which is handed on as it is.
 * Throws UsageError for a file that the run could not read wherever it runs, and for a program that takes none.
 */
export async function chooseConfiguration(
  wish: ConfigurationWish,
  context: ConfigurationContext,
): Promise<ChosenConfiguration | null> {
  const { project, isTrainer } = context;
  const typed = wish.given.config;
  if (wish.configFile !== null) {
    if (!isTrainer) throw notTaken(context);
    if (typed !== undefined) {
      throw new UsageError(`The configuration is given twice: --config ${wish.configFile} and -P config=${typed}.`, {
        hint: 'Give it once.',
      });
    }
    const file = locate(wish.configFile, project.directory);
    await checkIsCode(file, context);
    return { file, isOfRunName: false };
  }
  const runName = wish.runName ?? wish.given.run_name ?? wish.given['run-name'] ?? '';
  if (!isTrainer || typed !== undefined || runName === '') return null;
  const path = join(project.directory, configurationOfRun(runName));
  // A name is free text: one such as ../x names no folder below runs.
  if (!path.startsWith(join(project.directory, 'runs') + sep) || !existsSync(path)) return null;
  const file = locate(path, project.directory);
  await checkIsCode(file, context);
  return { file, isOfRunName: true };
}

/** What a person is told of a configuration that they did not name. */
export function foundConfiguration(file: string, { parameters }: EntryPoint): string {
  const usual = parameters.find(({ name }) => name === 'config')?.default;
  return `configuration ${file}, that of the run's name${usual ? `, in place of ${usual}` : ''}`;
}

/** Keeps the file as it is written, in a folder of the run. One that only the program can see is passed over. */
export async function keepConfiguration(file: string, folder: string): Promise<void> {
  await copyFile(file, join(folder, 'config.yaml')).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}

function locate(name: string, directory: string): string {
  const inProject = resolve(directory, name);
  const path = existsSync(inProject) ? inProject : resolve(name);
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) {
    throw new UsageError(`The configuration file ${name} does not exist in the project ${directory}.`, {
      hint: `Write it there, such as ${configurationOfRun('first')}, or name another one.`,
    });
  }
  if (!status.isFile()) throw new UsageError(`The configuration ${name} is no file.`, { hint: 'Name a YAML file.' });
  const below = relative(realpathSync(directory), realpathSync(path));
  if (below.startsWith(`..${sep}`)) {
    throw new UsageError(
      `The configuration file ${name} lies outside the project ${directory}: neither its image nor its commit would hold it.`,
      { hint: `Put it below that folder, such as ${configurationOfRun('first')}.` },
    );
  }
  return below.split(sep).join('/');
}

/** What is not part of the code is in no image and no commit: the run would differ from what is recorded of it. */
async function checkIsCode(file: string, context: ConfigurationContext): Promise<void> {
  const { project, entryPoint, storageDirectory, engineHasContainers } = context;
  const { files } = await describeContext(project.directory, { exclude: [storageDirectory] });
  if (!files.some(({ path }) => path === file)) {
    throw new UsageError(
      `The configuration file ${file} is no part of the project's code: .gitignore, .dockerignore or the storage holds it back.`,
      { hint: `\`git -C ${quoteForShell(project.directory)} check-ignore -v ${quoteForShell(file)}\` tells why.` },
    );
  }
  const isOwn = isOwnTrainerCommand(entryPoint.command, project.directory);
  if (engineHasContainers && isOwn && !file.startsWith('runs/')) {
    throw new UsageError(
      `The configuration file ${file} lies outside runs, which is all that this image holds of them.`,
      {
        hint: `Move it to runs, such as ${configurationOfRun('first')}, or use --engine host.`,
      },
    );
  }
}

function notTaken({ project, entryPoint }: ConfigurationContext): UsageError {
  const declares = entryPoint.parameters.some(({ name }) => name === 'config');
  return new UsageError(
    `--config is for the trainer that comes with Slipway, but entry point ${entryPoint.name} of ${project.file} runs a program of its own.`,
    { hint: declares ? 'Its own parameter config is given as `-P config=FILE`.' : 'Give it parameters with -P.' },
  );
}
