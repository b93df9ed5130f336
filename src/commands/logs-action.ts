import { dirname } from 'node:path';
import { ExitCode, UsageError } from '../errors.ts';
import {
  adoptionText,
  adoptOrphans,
  agentLine,
  currentSelf,
  findRunAmong,
  isOver,
  isOwnRun,
  readLines,
  readOutput,
  requireReadable,
  runIsHereWithoutAgent,
  type SourcedLine,
} from '../machine/index.ts';
import { printable } from '../report/text-width.ts';
import { readStoredRun, type StoredRun } from '../runs/index.ts';
import { isFinal } from '../runs/state.ts';
import { type MachineVerb, withMachine } from './machine-verb.ts';
import { writeLines } from './write-lines.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** How often a run that is followed is asked for its agent. */
const agentCheckMs = 2_000;

/** Carries out `slipway logs`. Resolves with the exit code. */
export function logsAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  return withMachine(given, environment, signal, async (machine) => {
    const tail = tailOf(given.tail);
    const run = await findRunAmong(machine.storages, String(given.run));
    await requireReadable(run);
    const { logs, agentLog } = run.paths;
    const isAgent = given.agent === true;
    const isOver = given.follow === true ? followed(run, machine, isAgent) : undefined;
    const options = { tail, signal, ...(isOver === undefined ? {} : { isOver }) };
    const streams = (['stdout', 'stderr'] as const).filter(
      (stream) => given[stream] === true || (given.stdout !== true && given.stderr !== true),
    );
    let isEmpty = true;
    const batches = isAgent ? readLines(agentLog, options) : readOutput(logs, { ...options, streams });
    for await (const batch of batches) {
      isEmpty = false;
      const lines = batch.flatMap((line) =>
        typeof line === 'string' ? agentText(line, machine) : [outputText(line, given, machine)],
      );
      if (!(await writeLines(lines))) return ExitCode.ok;
    }
    if (isEmpty && run.problem !== null) machine.warn(`Run ${run.runId}: ${run.problem}`);
    else if (isEmpty) machine.notice(nothingText(run, isAgent));
    return ExitCode.ok;
  });
}

function nothingText({ runId, state }: StoredRun, isAgent: boolean): string {
  const written = `has written nothing${isAgent ? ' of its own' : ''}`;
  // Of a run that failed before its program began, the agent has more to tell.
  if (!isFinal(state?.state ?? 'planned')) return `Run ${runId} ${written} yet.`;
  return `Run ${runId} is over and ${written}.${isAgent ? '' : ` What was done: \`slipway logs --agent ${runId}\``}`;
}

function outputText(line: SourcedLine, given: Given, { isJson, look }: MachineVerb): string {
  const { stream, timeMs, text } = line;
  if (isJson) return JSON.stringify({ stream, timeMs, text });
  // A program of another user must not move this terminal's cursor; a file gets what was written.
  const shown = look.isTerminal ? printable(text) : text;
  if (given.timestamps !== true) return shown;
  const time = timeMs === null ? '-'.padEnd(24) : new Date(timeMs).toISOString();
  return `${look.paint.faint(time)} ${shown}`;
}

function agentText(line: string, { isJson, look }: MachineVerb): string[] {
  if (isJson) return line.startsWith('{') ? [line] : [];
  const text = agentLine(line);
  return text === null ? [] : [look.isTerminal ? printable(text) : text];
}

/** Asked again and again: whether nothing more will be written. A run whose agent is gone is told of, and taken over. */
function followed(run: StoredRun, machine: MachineVerb, isAgent: boolean): () => Promise<boolean> {
  const { environment } = machine;
  const storage = dirname(dirname(run.paths.directory));
  const self = currentSelf();
  let isTold = false;
  let sinceMs = 0;
  return async () => {
    const now = await readStoredRun(storage, run.runId);
    if (now === null || now.plan === null || isFinal(now.state?.state ?? 'planned')) return true;
    if (!isAgent && isOver(now)) return true;
    if (isTold || Date.now() - sinceMs < agentCheckMs) return false;
    sinceMs = Date.now();
    if (!(await runIsHereWithoutAgent(now, self))) return false;
    isTold = true;
    const adopted = await adoptOrphans([now], { self, environment, onProblem: machine.warn });
    if (adopted.length > 0) machine.notice(adoptionText(adopted));
    else if (!(await isOwnRun(now, self))) {
      machine.warn(`The agent of run ${run.runId} is gone, and only its owner can give it another one.`);
    } else machine.notice(`The agent of run ${run.runId} is gone. To go on with it: \`slipway attach ${run.runId}\``);
    return false;
  };
}

function tailOf(value: unknown): number | null {
  if (value === undefined) return null;
  const count = Number(value);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new UsageError('--tail is not a number of lines, 0 or more.', { hint: 'As in: `--tail 100`' });
}
