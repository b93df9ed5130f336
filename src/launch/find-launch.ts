import { hostname } from 'node:os';
import type { LaunchEventBody } from '../events.ts';
import { chooseEngine, type EngineChoice } from '../executors/index.ts';
import { defaultBaseImage, describeContext, imageReference } from '../image/index.ts';
import { machineId } from '../machine/machine-id.ts';
import {
  findEntryPoint,
  imageRepository,
  type Project,
  parseParameterArguments,
  renderCommand,
  resolveParameters,
} from '../project/index.ts';
import { describeSource, type Source } from '../source/index.ts';
import { configFileOf, isOwnTrainerCommand, isTrainerCommand, isTrainerHere } from '../trainer-program/index.ts';
import { currentUser } from '../util/current-user.ts';
import { exchangeText, type HttpExchange } from '../util/http-exchange.ts';
import { type ChosenConfiguration, chooseConfiguration, foundConfiguration } from './choose-configuration.ts';
import { configuredProjectName } from './configured-project-name.ts';
import type { LaunchFacts } from './draw-plan.ts';
import { findProject } from './find-project.ts';
import { checkNoCode, checkParameters, type HandedOn, readHandedOn } from './handed-on.ts';
import type { LaunchRequest } from './request.ts';
import { askForParameters } from './trainer-parameters.ts';

/** How what a launch needs is found. */
export interface FindLaunchContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly emit: (body: LaunchEventBody) => void;
  /** Finds the storage, an absolute folder; asked once there is a project. */
  readonly storage: () => string;
  /** The storage that repositories are cloned to, where it is another one. */
  readonly cloneStorage?: () => string;
  /** Told what must be masked, as soon as it is known. */
  readonly onSecrets?: (secrets: readonly string[]) => void;
}

/** What a launch needs, found and checked; nothing has been made for it. */
export interface FoundLaunch {
  /** The request with what the MLproject says where it is silent. */
  readonly request: LaunchRequest;
  readonly facts: Omit<LaunchFacts, 'runId' | 'runName' | 'createdAtMs'>;
  /** The name that was asked for; null where one is to be drawn. */
  readonly runName: string | null;
  readonly chosen: ChosenConfiguration | null;
  /** The trainer's configuration file, a path in the project; null where there is none. */
  readonly configFile: string | null;
  readonly engine: EngineChoice;
  readonly handedOn: HandedOn;
}

/** Finds all that a plan is drawn from. Everything a person can have got wrong is found here: throws SlipwayError for it. */
export async function findLaunch(asked: LaunchRequest, context: FindLaunchContext): Promise<FoundLaunch> {
  const { environment, signal, emit, storage, cloneStorage = storage } = context;
  const tellExchange = (exchange: HttpExchange): void => emit({ type: 'debug', text: exchangeText(exchange) });
  const { project, remote } = await findProject(asked, { signal, emit, cloneStorage });
  for (const text of project.warnings) emit({ type: 'warning', text });
  const entryPoint = findEntryPoint(project, asked.entryPoint);
  const [engine, found] = await Promise.all([
    chooseEngine({ requested: asked.engine, environment, signal, onExchange: tellExchange }),
    describeSource(project.directory, { signal }),
  ]);
  const source = remote === null ? found : { ...found, branch: remote.branch, repositoryUrl: remote.repositoryUrl };
  const storageDirectory = storage();
  const owner = currentUser();
  const { passEnvironment: passed, envFiles, secretFiles } = asked;
  const handedOn = readHandedOn(
    { project: project.docker?.environment ?? {}, passed, envFiles, secretFiles },
    environment,
    engine.engine === 'docker' ? owner : null,
  );
  context.onSecrets?.(handedOn.secrets);
  const { variables } = handedOn;
  await checkNoCode(handedOn, project.directory, storageDirectory);

  const pathContext = {
    projectDirectory: project.directory,
    storageDirectory,
    engineHasContainers: engine.engine === 'docker',
  };
  const isChecked = isTrainerCommand(entryPoint.command) || isOwnTrainerCommand(entryPoint.command, project.directory);
  const typed = parseParameterArguments(asked.parameters);
  const chosen = await chooseConfiguration(
    { configFile: asked.configFile, runName: asked.runName, given: typed },
    { project, entryPoint, isTrainer: isChecked, ...pathContext },
  );
  if (chosen?.isOfRunName === true) emit({ type: 'notice', text: foundConfiguration(chosen.file, entryPoint) });
  const configured = chosen === null ? typed : { ...typed, config: chosen.file };
  const given = resolveParameters(entryPoint, configured, {
    strict: project.strictParameters,
    programTakes: (name) => isChecked && (isTrainerHere(entryPoint.command, project.directory) || isSetting(name)),
    ...pathContext,
  });
  if (engine.notice !== null) emit({ type: 'warning', text: engine.notice });
  for (const text of given.warnings) emit({ type: 'warning', text });
  const { command, parameters } = isChecked
    ? await askForParameters(given, entryPoint, { ...pathContext, signal, variables })
    : { command: renderCommand(entryPoint, given.values, given.undeclared), parameters: given };
  checkParameters(parameters.logged, handedOn.secrets);
  const configFile = isChecked ? (configFileOf(command) ?? given.values.config ?? null) : null;
  const projectName = configFile === null ? null : await configuredProjectName(project.directory, configFile);
  const treeHash = await describeTree(project, source, storageDirectory, emit);

  const gpus = asked.gpus ?? project.docker?.gpus ?? null;
  return {
    ...{ chosen, configFile, engine, handedOn },
    request: { ...asked, gpus },
    runName: asked.runName ?? (parameters.logged.run_name || null),
    facts: {
      owner,
      host: { name: hostname(), machineId: machineId() },
      project,
      projectUri: remote?.uri ?? project.directory,
      parameters,
      command,
      configuredProjectName: projectName,
      source,
      treeHash,
      engine: engine.engine,
      storageDirectory,
      imageReference: imageReference({
        repository: imageRepository(project.name),
        commit: source.commit,
        treeHash,
        flavor: gpus === null ? 'cpu' : 'gpu',
      }),
      baseImage: asked.baseImage ?? project.docker?.image ?? defaultBaseImage,
      envFiles: handedOn.envFiles,
      secretFiles: handedOn.secretFiles,
      environment,
    },
  };
}

/** The digest of what would enter the image, where the commit alone does not say it. */
async function describeTree(
  project: Project,
  source: Source,
  storageDirectory: string,
  emit: (body: LaunchEventBody) => void,
): Promise<string | null> {
  if (source.commit !== null && !source.dirty) return null;
  if (source.commit === null) {
    emit({ type: 'warning', text: `${source.unversioned ?? 'There is no commit.'} This run cannot be had again.` });
  }
  return (await describeContext(project.directory, { exclude: [storageDirectory] })).treeHash;
}

/** Besides what an MLproject declares, every trainer takes settings of its sections, and a file of them. */
function isSetting(name: string): boolean {
  return name === 'config' || name.includes('.');
}
