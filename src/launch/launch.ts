import { join, resolve } from 'node:path';
import type { StandbyAgent } from '../agent/index.ts';
import type { EventSink, LaunchEventBody, RunResult } from '../events.ts';
import { takeOverOthers } from '../machine/adopt-orphans.ts';
import { rememberStorage } from '../machine/known-storages.ts';
import { chooseExperiment, type Project } from '../project/index.ts';
import { createRunDirectory, type RunPlan, writePlan } from '../runs/index.ts';
import { writeDiff } from '../source/index.ts';
import { knownSecrets } from '../util/known-secrets.ts';
import { keepConfiguration } from './choose-configuration.ts';
import { drawPlan } from './draw-plan.ts';
import { findLaunch } from './find-launch.ts';
import { storageOf } from './find-project.ts';
import { type DetachedRun, handOver } from './hand-over.ts';
import { LaunchLog } from './launch-log.ts';
import { maskInputs } from './mask-inputs.ts';
import type { LaunchRequest } from './request.ts';
import { drawRunName } from './run-name.ts';
import { watchRun } from './watch-run.ts';

type Variables = Readonly<Record<string, string>>;

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
  /** Aborted when the person has left: watching ends, and rejects with its reason, and the run goes on. */
  readonly leave?: AbortSignal;
  /** The agent that is to carry out the run, where one was started before. */
  readonly standby?: StandbyAgent;
  /** Told what a configuration file decided that the words of the request alone do not say. */
  readonly onConfiguration?: (configuration: FoundConfiguration) => void;
  /** Told what must never be shown of the launch, as soon as it is known. */
  readonly onSecrets?: (secrets: readonly string[]) => void;
  /** Whether every request over HTTP is told, and the stacks of errors. */
  readonly debug?: boolean;
}

/**
 * Plans a run, hands it to an agent of its own, and watches it to its end. Everything a person can have got wrong
 * is found before the run folder is made. Throws SlipwayError for that; the run's own end is in the result.
 */
export async function launch(request: LaunchRequest, context: LaunchContext): Promise<RunResult> {
  const { plan, runDirectory, variables } = await planAndTell(request, context);
  context.politeStop.throwIfAborted();
  const watched = watchRun({ runDirectory, plan, variables, ...context });
  const others = takeOverOthers(plan, context.sink, context.environment);
  const result = await watched;
  await others;
  return result;
}

/** Plans a run and hands it to an agent of its own, without watching it. Throws SlipwayError as `launch` does. */
export async function launchDetached(request: LaunchRequest, context: LaunchContext): Promise<DetachedRun> {
  const { plan, runDirectory, variables } = await planAndTell(request, context);
  context.politeStop.throwIfAborted();
  const run = await handOver(runDirectory, plan, { ...context, variables });
  await takeOverOthers(plan, context.sink, context.environment);
  return run;
}

/** Plans a run, and keeps what is told of that for those who watch it later. */
async function planAndTell(request: LaunchRequest, context: LaunchContext): ReturnType<typeof planRun> {
  const secrets = knownSecrets(context.environment);
  const onSecrets = (learned: readonly string[]): void => {
    secrets.push(...learned);
    context.onSecrets?.(learned);
  };
  const log = new LaunchLog(context.sink);
  const planned = await planRun(request, { ...context, sink: log.sink, onSecrets });
  log.write(planned.runDirectory, secrets);
  return planned;
}

/** Draws the plan and writes it to a new run folder. */
async function planRun(
  asked: LaunchRequest,
  context: LaunchContext,
): Promise<{ plan: RunPlan; runDirectory: string; variables: Variables }> {
  const { environment, politeStop: signal } = context;
  const emit = (body: LaunchEventBody): void => context.sink({ timeMs: Date.now(), ...body });
  const storage = (): string => storageOf(asked, environment);
  const found = await findLaunch(asked, { ...context, environment, signal, emit, storage });
  const { request, facts, chosen, configFile, handedOn } = found;
  const { source, project, storageDirectory } = facts;

  const { runId, ...paths } = await createRunDirectory(storageDirectory);
  if (source.commit !== null && source.dirty) await keepDiff(project, paths.inputs, emit);
  if (configFile !== null) await keepConfiguration(resolve(project.directory, configFile), paths.inputs);
  await maskInputs(paths.inputs, handedOn.secrets, emit);
  const runName = found.runName ?? drawRunName();
  const plan = drawPlan(request, { ...facts, runId, runName, createdAtMs: Date.now() });
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
  return { plan, runDirectory: paths.directory, variables: handedOn.ofFiles };
}

/** Keeps what differs from the commit; what is left out of it for safety is told. */
async function keepDiff(project: Project, folder: string, emit: (body: LaunchEventBody) => void): Promise<void> {
  const { leftOut } = await writeDiff(project.directory, join(folder, 'changes.patch'));
  if (leftOut.length === 0) return;
  const list = leftOut.map(({ path, reason }) => `${path} (${reason})`).join(', ');
  emit({ type: 'warning', text: `Left out of the recorded changes and of the image: ${list}` });
}
