import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { StandbyAgent } from '../agent/index.ts';
import type { EventSink, LaunchEventBody, RunResult } from '../events.ts';
import { chooseEngine } from '../executors/index.ts';
import { defaultBaseImage, describeContext, imageReference } from '../image/index.ts';
import { takeOverOthers } from '../machine/adopt-orphans.ts';
import { rememberStorage } from '../machine/known-storages.ts';
import { machineId } from '../machine/machine-id.ts';
import {
  chooseExperiment,
  findEntryPoint,
  imageRepository,
  type Project,
  parseParameterArguments,
  renderCommand,
  resolveParameters,
} from '../project/index.ts';
import { createRunDirectory, type RunPlan, writePlan } from '../runs/index.ts';
import { describeSource, type Source, writeDiff } from '../source/index.ts';
import { configFileOf, isOwnTrainerCommand, isTrainerCommand, isTrainerHere } from '../trainer-program/index.ts';
import { currentUser } from '../util/current-user.ts';
import { exchangeText, type HttpExchange } from '../util/http-exchange.ts';
import { checkVariables } from './check-variables.ts';
import { chooseConfiguration, foundConfiguration, keepConfiguration } from './choose-configuration.ts';
import { configuredProjectName } from './configured-project-name.ts';
import { drawPlan } from './draw-plan.ts';
import { findProject, storageOf } from './find-project.ts';
import type { LaunchRequest } from './request.ts';
import { drawRunName } from './run-name.ts';
import { askForParameters } from './trainer-parameters.ts';
import { watchRun } from './watch-run.ts';

/** What was found for a run in a file. */
export interface FoundConfiguration {
  /** The configuration file of the run's name, a path in the project; null where there is none or another was named. */
  readonly configFile: string | null;
  /** The experiment, where it is another than the project has without the file; else null. */
  readonly experimentName: string | null;
}

export interface LaunchContext {
  readonly sink: EventSink;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly politeStop: AbortSignal;
  readonly forcedStop: AbortSignal;
  /** The agent that is to carry out the run, where one was started before. */
  readonly standby?: StandbyAgent;
  /** Told what a configuration file decided that the words of the request alone do not say. */
  readonly onConfiguration?: (configuration: FoundConfiguration) => void;
  /** Whether every request over HTTP is told, and the stacks of errors. */
  readonly debug?: boolean;
}

/**
 * Plans a run, hands it to an agent of its own, and watches it to its end. Everything a person can have got wrong
 * is found before the run folder is made. Throws SlipwayError for that; the run's own end is in the result.
 */
export async function launch(request: LaunchRequest, context: LaunchContext): Promise<RunResult> {
  const { plan, runDirectory } = await planRun(request, context);
  context.politeStop.throwIfAborted();
  const watched = watchRun({ runDirectory, plan, ...context });
  const others = takeOverOthers(plan, context.sink, context.environment);
  const result = await watched;
  await others;
  return result;
}

/** Draws the plan and writes it to a new run folder. */
async function planRun(
  request: LaunchRequest,
  context: LaunchContext,
): Promise<{ plan: RunPlan; runDirectory: string }> {
  const { environment, politeStop: signal } = context;
  const emit = (body: LaunchEventBody): void => context.sink({ timeMs: Date.now(), ...body });
  const tellExchange = (exchange: HttpExchange): void => emit({ type: 'debug', text: exchangeText(exchange) });
  const { project, remote } = await findProject(request, { environment, signal, emit });
  for (const text of project.warnings) emit({ type: 'warning', text });
  const entryPoint = findEntryPoint(project, request.entryPoint);
  const [engine, found] = await Promise.all([
    chooseEngine({ requested: request.engine, environment, signal, onExchange: tellExchange }),
    describeSource(project.directory, { signal }),
  ]);
  const source = remote === null ? found : { ...found, branch: remote.branch, repositoryUrl: remote.repositoryUrl };
  const { passEnvironment: passed } = request;
  const variables = checkVariables({ project: project.docker?.environment ?? {}, passed }, environment);
  const storageDirectory = storageOf(request, environment);

  const pathContext = {
    projectDirectory: project.directory,
    storageDirectory,
    engineHasContainers: engine.engine === 'docker',
  };
  const isChecked = isTrainerCommand(entryPoint.command) || isOwnTrainerCommand(entryPoint.command, project.directory);
  const typed = parseParameterArguments(request.parameters);
  const chosen = await chooseConfiguration(
    { configFile: request.configFile, runName: request.runName, given: typed },
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
  const configFile = isChecked ? (configFileOf(command) ?? given.values.config ?? null) : null;
  const projectName = configFile === null ? null : await configuredProjectName(project.directory, configFile);
  const treeHash = await describeTree(project, source, storageDirectory, emit);

  const { runId, ...paths } = await createRunDirectory(storageDirectory);
  if (source.commit !== null && source.dirty) await keepDiff(project, paths.inputs, emit);
  if (configFile !== null) await keepConfiguration(resolve(project.directory, configFile), paths.inputs);
  const gpus = request.gpus ?? project.docker?.gpus ?? null;
  const plan = drawPlan(
    { ...request, gpus },
    {
      runId,
      runName: request.runName ?? (parameters.logged.run_name || drawRunName()),
      createdAtMs: Date.now(),
      owner: currentUser(),
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
      baseImage: request.baseImage ?? project.docker?.image ?? defaultBaseImage,
      environment,
    },
  );
  await writePlan(paths.directory, plan);
  await rememberStorage(storageDirectory, environment);
  context.onConfiguration?.({
    configFile: chosen?.isOfRunName === true ? chosen.file : null,
    experimentName:
      plan.tracking.experimentName === chooseExperiment(request, environment, project).experimentName
        ? null
        : plan.tracking.experimentName,
  });
  emit({ type: 'notice', text: `run ${plan.runName} (${runId}), storage ${storageDirectory}` });
  return { plan, runDirectory: paths.directory };
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

/** Keeps what differs from the commit; what is left out of it for safety is told. */
async function keepDiff(project: Project, folder: string, emit: (body: LaunchEventBody) => void): Promise<void> {
  const { leftOut } = await writeDiff(project.directory, join(folder, 'changes.patch'));
  if (leftOut.length === 0) return;
  const list = leftOut.map(({ path, reason }) => `${path} (${reason})`).join(', ');
  emit({ type: 'warning', text: `Left out of the recorded changes and of the image: ${list}` });
}

/** Besides what an MLproject declares, every trainer takes settings of its sections, and a file of them. */
function isSetting(name: string): boolean {
  return name === 'config' || name.includes('.');
}
