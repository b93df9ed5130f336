import { ExitCode, errorMessage, SlipwayError } from '../errors.ts';
import type { Executor, ExecutorContext, PreparedProgram, ProgramHandle } from '../executors/executor.ts';
import { checkTrackingServer } from '../mlflow/index.ts';
import { RunLogAppender } from '../runlog/index.ts';
import type { FailureKind } from '../runs/index.ts';
import { asSentence } from '../util/as-sentence.ts';
import { maskSecretsIn } from '../util/index.ts';
import { isAway, withOfflineHint } from './away.ts';
import { ExperimentPage } from './experiment-page.ts';
import { failureKindOf } from './failure-reason.ts';
import { checkSecretFiles } from './learn-secrets.ts';
import { handedVariables, programEnvironment } from './program-environment.ts';
import { registerRun } from './register.ts';
import type { RunContext } from './run-context.ts';
import { noteTag, rememberNote } from './run-note.ts';
import { tagsOfImage } from './run-tags.ts';
import { ServerLink } from './server-link.ts';
import { StopRequested, type StopRequests, stopReason } from './stop-requests.ts';
import { tellFailure } from './tell-failure.ts';
import { openTracking } from './tracking.ts';

/** So long a server may take to say that it is there, where the run may begin without it. */
const shortCall = { timeoutMs: 5_000, maximumRetries: 1 } as const;

/** The run on its server; null where there is no server. */
export interface Begun {
  link: ServerLink | null;
  /** What is being done: what fails then is a failure of this kind. */
  stage: FailureKind;
}

/** Gets the run to a running program and to its server; what fails before the program runs fails the run. */
export async function begin(run: RunContext, executor: Executor, stop: StopRequests): Promise<Begun> {
  const begun: Begun = { link: null, stage: 'server' };
  const open = async (signal: AbortSignal): Promise<void> => {
    const client = await openTracking(run, signal);
    if (client !== null) begun.link = new ServerLink(run, client, new ExperimentPage(run, client), stop);
    else if (!run.hasEnded) await run.update({ offline: true });
  };
  try {
    // A wish to stop ends the waiting for a server only where no program depends on it.
    if (run.record.handle !== null || run.hasEnded) await open(new AbortController().signal);
    else await beginProgram(run, executor, { begun, open }, stop);
  } catch (error) {
    if (run.hasEnded) {
      // How the run ended stays as it is recorded: this only keeps its server from hearing of it.
      if (!(error instanceof StopRequested) && !run.isSent) tellFailure(run, error);
      return begun;
    }
    if (run.record.handle === null) await recordFailure(run, error, stop, begun.stage);
    // The program runs: what it writes stays in its folder until someone carries it to the server.
    else tellFailure(run, error);
  }
  return begun;
}

/** How the server is opened, and what has come of it. */
interface Opening {
  readonly begun: Begun;
  readonly open: (signal: AbortSignal) => Promise<void>;
}

/** Everything up to the running program. */
async function beginProgram(run: RunContext, executor: Executor, opening: Opening, stop: StopRequests): Promise<void> {
  await run.update({ state: 'preparing' });
  const prepared = await prepareAndRegister(run, executor, opening, stop);
  if (prepared === null) return;
  stop.signal.throwIfAborted();
  const image = prepared.image === null ? null : { recipe: null, ...prepared.image };
  const { [noteTag]: note, ...tags } = maskSecretsIn(tagsOfImage(run.plan, image), run.secrets);
  await run.update({ state: 'starting', image });
  if (run.hasForeignNote || note === undefined) logTags(run, tags);
  else {
    await rememberNote(run, note);
    logTags(run, { [noteTag]: note, ...tags });
  }
  opening.begun.stage = 'start';
  const handle = await startProgram(run, executor, prepared, stop.signal);
  await run.settle({ handle, state: 'running' });
}

/**
 * The image, and the server with the run on it, at once: the first time each of them takes a minute. Where the server
 * refuses the run, nobody waits for an image. Where the image fails, that is the run's end, told and recorded at once
 * and whatever comes of the server, which then hears of a run that failed; the result is null.
 */
async function prepareAndRegister(
  run: RunContext,
  executor: Executor,
  { begun, open }: Opening,
  stop: StopRequests,
): Promise<PreparedProgram | null> {
  const refused = new AbortController();
  const { offline } = run.plan.tracking;
  const register = async (): Promise<void> => {
    try {
      await open(stop.signal);
      if (begun.link === null) return;
      if (offline === 'allowed') await checkTrackingServer(begun.link.client, { signal: stop.signal, ...shortCall });
      await registerRun(run, begun.link.client, stop.signal);
      if (run.record.offline) await run.update({ offline: false });
      begun.link.page.refresh();
      begun.link.watch();
    } catch (error) {
      if (offline === 'allowed' && isAway(error) && !stop.signal.aborted) {
        begun.link = null;
        await goOnOffline(run, error);
        return;
      }
      const told = offline === 'never' ? withOfflineHint(error) : error;
      refused.abort(told);
      throw told;
    }
  };
  const signal = AbortSignal.any([stop.signal, refused.signal]);
  const prepare = async (): Promise<PreparedProgram | null> => {
    try {
      return await prepareProgram(run, executor, signal);
    } catch (error) {
      // Given up for a reason that is told by whoever gave it.
      if (signal.aborted) throw error;
      await recordFailure(run, error, stop, 'build');
      return null;
    }
  };
  const [registered, prepared] = await Promise.allSettled([register(), prepare()]);
  // The server's failure is the earlier one: the image was given up because of it.
  if (registered.status === 'rejected') throw registered.reason;
  if (prepared.status === 'rejected') throw prepared.reason;
  return prepared.value;
}

/** The server is away, and the run may begin without it. */
async function goOnOffline(run: RunContext, error: unknown): Promise<void> {
  await run.update({ offline: true });
  const text = `${asSentence(errorMessage(error))} The run is recorded in its folder, and sent as soon as the server answers.`;
  run.emit({ type: 'warning', text });
}

/** Tags travel by the run log like everything else that is known after the start: sent once, however often retried. */
function logTags(run: RunContext, tags: Readonly<Record<string, string>>): void {
  const log = RunLogAppender.open(run.paths.directory, 'agent');
  for (const [key, value] of Object.entries(tags)) log.tag(key, value);
  log.close();
}

function prepareProgram(run: RunContext, executor: Executor, signal: AbortSignal): Promise<PreparedProgram> {
  const prepare = (onProgress: ExecutorContext['onProgress']): Promise<PreparedProgram> => {
    const context: ExecutorContext = {
      signal,
      onProgress,
      onNotice: (text) => run.emit({ type: 'notice', text }),
      step: (id, title, work) => run.journal.step(id, title, work),
      onDetail: (text) => run.emit({ type: 'detail', text }),
    };
    return executor.prepare(run.plan, context, run.plan.attempt > 1 ? run.record.image : null);
  };
  // Without an image there may be nothing to prepare: what there is, is a step of the executor's own.
  if (run.plan.engine !== 'docker') return prepare(() => {});
  const title = `image ${run.plan.image.reference}`;
  return run.journal.step('prepare', title, prepare, ({ reused, image }) => ({
    reused,
    title: image === null ? title : `image ${image.name}`,
  }));
}

async function startProgram(
  run: RunContext,
  executor: Executor,
  prepared: PreparedProgram,
  signal: AbortSignal,
): Promise<ProgramHandle> {
  const context = {
    signal,
    onProgress: () => {},
    onNotice: (text: string) => run.emit({ type: 'notice', text }),
    onDetail: (text: string) => run.emit({ type: 'detail', text }),
  };
  const found = run.adopted ? await executor.find(run.plan) : null;
  if (found !== null) return found;
  const title = run.plan.engine === 'docker' ? 'container' : 'program';
  return run.journal.step('start', `${title} started`, () => {
    checkSecretFiles(run);
    const variables = programEnvironment(run.plan, run.record, handedVariables(run));
    const { directory: runDirectory } = run.paths;
    return executor.start({ plan: run.plan, prepared, runDirectory, environment: variables }, context);
  });
}

async function recordFailure(run: RunContext, error: unknown, stop: StopRequests, stage: FailureKind): Promise<void> {
  const stopped = stop.how !== null && (error instanceof StopRequested || stop.signal.aborted);
  if (stopped) {
    await run.settle({
      ...stop.recorded,
      state: 'draining',
      endedAtMs: Date.now(),
      reason: `${stopReason(stop.recorded)} before the program started`,
    });
    return;
  }
  const reason = tellFailure(run, error);
  await run.settle({
    state: 'draining',
    endedAtMs: Date.now(),
    reason,
    failure: failureKindOf(error, stage),
    failureExitCode: error instanceof SlipwayError ? error.exitCode : ExitCode.internal,
  });
}
