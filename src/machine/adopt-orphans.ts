import { agentLives, spawnAgent } from '../agent/index.ts';
import { errorMessage, UsageError } from '../errors.ts';
import type { EventSink } from '../events.ts';
import { isSettled, listUnsettledRuns, type RunPlan, type RunRecord, type StoredRun } from '../runs/index.ts';
import { isFinal } from '../runs/state.ts';
import { readEnvFile } from '../util/env-file.ts';
import { isOfThisMachine, isOwnRun, type Self } from './self.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A run that is over and could not be sent is left alone for so long after its last agent's try. */
const retryAfterMs = 60_000;

/** Runs that lost their agent go on, too. That it does not work is no reason to fail this run. */
export async function takeOverOthers(plan: RunPlan, sink: EventSink, environment: Environment): Promise<void> {
  const self = { uid: plan.owner.uid, machineId: plan.host.machineId };
  try {
    const others = (await listUnsettledRuns(plan.storage.directory)).filter(({ runId }) => runId !== plan.runId);
    const onProblem = (text: string): void => sink({ timeMs: Date.now(), type: 'warning', text });
    const adopted = await adoptOrphans(others, { self, environment, onProblem });
    if (adopted.length > 0) sink({ timeMs: Date.now(), type: 'notice', text: adoptionText(adopted) });
  } catch (error) {
    sink({ timeMs: Date.now(), type: 'warning', text: `Earlier runs could not be taken over: ${errorMessage(error)}` });
  }
}

/** What is told of runs that were taken over. */
export function adoptionText(adopted: readonly string[]): string {
  return `Runs whose agent was gone go on with a new one: ${adopted.join(', ')}`;
}

export interface AdoptOptions {
  readonly self: Pick<Self, 'uid' | 'machineId'>;
  /** What the agents find in theirs. */
  readonly environment: Environment;
  /** Whether a run is due, for those who come by often; by default every orphan is. */
  readonly isDue?: (run: StoredRun) => boolean;
  /** Hears of a run that could not be given an agent. */
  readonly onProblem: (text: string) => void;
}

/**
 * Starts an agent for each of these runs that is this user's and this machine's and whose own agent died before the run's
 * end (a machine that was switched off, an agent that was killed). Returns their ids. Where two do this at once, the
 * run's lock lets one of the agents work, and the other ends at once. One that cannot be given an agent (its disk is full
 * or read-only) keeps no other from it.
 */
export async function adoptOrphans(runs: readonly StoredRun[], options: AdoptOptions): Promise<string[]> {
  const adopted: string[] = [];
  for (const run of runs) {
    if (options.isDue?.(run) === false || !(await isOrphan(run, options))) continue;
    try {
      spawnAgent(run.paths.directory, { environment: options.environment }).unref();
      adopted.push(run.runId);
    } catch (error) {
      options.onProblem(
        `Run ${run.runId} has lost its agent and could not be given another one: ${errorMessage(error)}`,
      );
    }
  }
  return adopted;
}

/** Whether a run that is not settled has lost its agent, and this user may give it another one from here. */
export async function isOrphan(
  run: StoredRun,
  { self, environment }: Pick<AdoptOptions, 'self' | 'environment'>,
): Promise<boolean> {
  const { plan, state, paths } = run;
  // One that no agent has begun is its launcher's to begin, or that of whoever attaches to it.
  if (plan === null || state === null || !isOfThisMachine(run, self)) return false;
  if (isSettled(state)) return false;
  if (isFinal(state.state) && Date.now() - state.updatedAtMs < retryAfterMs) return false;
  if (mayStillBegin(state) && missingVariables(plan, environment).length > 0) return false;
  return (await isOwnRun(run, self)) && !(await agentLives(paths.directory));
}

/** Whether a run of this machine that is at work, or has something to send, has no agent, whoever's it is. */
export async function runIsHereWithoutAgent(run: StoredRun, self: Pick<Self, 'machineId'>): Promise<boolean> {
  return run.state !== null && isOfThisMachine(run, self) && !(await agentLives(run.paths.directory));
}

/** Whether its program is still to be started: one that failed before has only its end to tell. */
function mayStillBegin({ handle, exitCode, reason }: RunRecord): boolean {
  return handle === null && exitCode === null && reason === null;
}

/** Variables that the program is to get at its start and that are not set here: from here it could only fail. */
export function missingVariables(plan: RunPlan, environment: Environment): string[] {
  const { passEnvironment, project } = plan;
  const copied = Object.entries(project.environment).flatMap(([name, value]) => (value === null ? [name] : []));
  const names = new Set([...passEnvironment, ...copied, ...copiedByFiles(plan)]);
  return [...names].filter((name) => environment[name] === undefined);
}

/** No value that stands in a file of variables can be this one. */
const copyMark = '\0';

/** Variables that files of `--env-file` name without a value. A file that is gone tells of none. */
function copiedByFiles({ envFiles }: RunPlan): string[] {
  return Object.entries(envFiles).flatMap(([file, names]) => {
    try {
      const variables = readEnvFile(file, Object.fromEntries(names.map((name) => [name, copyMark])));
      return names.filter((name) => variables[name] === copyMark);
    } catch (error) {
      if (error instanceof UsageError) return [];
      throw error;
    }
  });
}
