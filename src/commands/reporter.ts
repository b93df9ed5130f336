import { fstatSync } from 'node:fs';
import type { RunResult } from '../events.ts';
import { createReporter, nextStep, type Reporter } from '../report/index.ts';
import { hasCheckpoints } from '../runs/checkpoints.ts';
import { hasEarlierRuns } from '../runs/earlier-runs.ts';
import { knownSecrets } from '../util/known-secrets.ts';
import { ownCommand } from '../util/own-command.ts';
import { handedSecrets } from './handed-secrets.ts';
import { openLook, wantsJson } from './output-options.ts';
import { withProgramName } from './program-name.ts';
import { chooseVerbosity } from './verbosity.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** What the verb knows of its report; what a person may want next is asked for at the end, and may be known late. */
export interface ReportWishes {
  /** False where nothing takes long enough to be shown live: what is told is then written at once. Default true. */
  readonly isLive?: boolean;
  /** What `slipway runs` must be told to show the run's experiment, or null; undefined where that is not known. */
  experiment?: string | null;
  /** The words that start the same run again, where the verb started it. */
  again?: readonly string[];
}

/** The look that fits where the output goes: `--json`, a terminal, or plain lines. */
export function openReporter(given: Given, environment: Environment, wishes: ReportWishes = {}): Reporter {
  const { stdout, stderr } = process;
  const { isLive = true } = wishes;
  const isTerminal = isLive && stderr.isTTY === true && environment.TERM !== 'dumb';
  const program = ownCommand(environment);
  handedSecrets.push(...knownSecrets(environment));
  return createReporter({
    mode: wantsJson(given, environment) ? 'json' : isTerminal ? 'terminal' : 'plain',
    stdout,
    stderr,
    looks: { stdout: openLook(given, environment, stdout), stderr: openLook(given, environment, stderr) },
    verbosity: chooseVerbosity(given, environment),
    sharesDestination: haveOneDestination(),
    reflows: breaksLines(environment),
    secrets: handedSecrets,
    rewrite: (text) => withProgramName(text, program),
    nextStep: (result) =>
      nextStep(result, {
        program,
        storage: typeof given.storage === 'string' ? given.storage : environment.SLIPWAY_STORAGE || null,
        experiment: wishes.experiment ?? null,
        again: wishes.again ?? null,
        canResume: ({ runDirectory }) => hasCheckpoints(runDirectory),
        hasEarlierRuns: (ended) => wishes.experiment !== undefined && canCompare(ended),
      }),
  });
}

/** Whether stdout and stderr are the same terminal, file or pipe. */
function haveOneDestination(): boolean {
  const [stdout, stderr] = [fstatSync(1), fstatSync(2)];
  return stdout.dev === stderr.dev && stdout.ino === stderr.ino;
}

/** xterm and screen cut lines off when they get narrower; what runs inside tmux has tmux for its terminal. */
export function breaksLines(environment: Environment): boolean {
  if (environment.TMUX) return true;
  return !environment.XTERM_VERSION && !environment.STY;
}

function canCompare(result: RunResult): boolean {
  try {
    return hasEarlierRuns(result.runDirectory);
  } catch {
    // A hint that cannot be checked is not worth an error after a run that ended well.
    return false;
  }
}
