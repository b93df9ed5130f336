import type { RunResult } from '../events.ts';
import { optionWords } from '../util/option-words.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { canBeTyped, isPrintable } from './printable-texts.ts';

/** What a result alone does not tell of how the person got here. */
export interface NextStepContext {
  /** What to type for `slipway` where they are, such as `bin/slipway`. */
  readonly program: string;
  /** `--storage` as it was given; null where the storage is the default one. */
  readonly storage: string | null;
  /** What `slipway runs` must be told to show this run's experiment; null where it finds it by itself. */
  readonly experiment: string | null;
  /** The words that start the same run again, after the program's name; null where they are not known. */
  readonly again: readonly string[] | null;
  /** Whether the run has kept something to go on from. */
  readonly canResume: (result: RunResult) => boolean;
  /** Whether there are runs of the same experiment before this one. */
  readonly hasEarlierRuns: (result: RunResult) => boolean;
}

/** A command that can be copied as it stands, and what it is for. */
export interface NextStep {
  readonly command: string;
  readonly purpose: string;
}

/** The one command that is most useful after a run has ended as it did; null for none, and for one that cannot be shown. */
export function nextStep(result: RunResult, context: NextStepContext): NextStep | null {
  const step = usefulStep(result, context);
  return step !== null && isPrintable(step.command) ? step : null;
}

function usefulStep(result: RunResult, context: NextStepContext): NextStep | null {
  const command = (...words: readonly string[]): string => {
    const storage = context.storage === null ? [] : ['--storage', context.storage];
    return [context.program, ...[...words, ...storage].map(quoteForShell)].join(' ');
  };
  const hasRun = result.exitCode !== null;
  if (result.mlflowRunId !== null && !result.drained && result.deleted !== true) {
    return { command: command('sync', result.runId), purpose: 'watch the rest arrive on the server' };
  }
  if (result.mlflowRunId === null && hasRun) {
    const sync = command('sync', result.runId);
    if (result.offline === true) return { command: sync, purpose: 'bring the run to its server' };
    return { command: `MLFLOW_TRACKING_URI=http://… ${sync}`, purpose: 'carry the run to a server' };
  }
  if (result.status !== 'FINISHED' && hasRun && context.canResume(result)) {
    return { command: command('run', '--resume', result.runId), purpose: 'go on from its last checkpoint' };
  }
  if (result.status === 'KILLED') {
    if (context.again === null) return null;
    return { command: [context.program, ...context.again.map(quoteForShell)].join(' '), purpose: 'run it again' };
  }
  if (result.mlflowRunId === null) return null;
  if (result.status === 'FINISHED' && context.hasEarlierRuns(result)) {
    const experiment = context.experiment === null ? [] : optionWords('experiment', context.experiment);
    return { command: command('runs', ...experiment), purpose: 'compare it with the runs before' };
  }
  return {
    command: command('runs', 'show', canBeTyped(result.runName) ? result.runName : result.runId),
    purpose: hasRun ? 'look at it again' : 'see what is known',
  };
}
