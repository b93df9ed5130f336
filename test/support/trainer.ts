import { type ChildProcess, spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type RunLogEvent, readRunLog } from '../../src/runlog/index.ts';
import { typeScriptProgram } from './typescript-process.ts';

/** The end of a trainer process. */
export interface TrainerEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningTrainer {
  readonly process: ChildProcess;
  readonly ended: Promise<TrainerEnd>;
}

/**
 * Starts the trainer in a process of its own, from its sources. `environment` replaces all variables of Slipway and MLflow;
 * `cwd` is the folder of a project.
 */
export function startTrainer(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd?: string,
): RunningTrainer {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SLIPWAY|MLFLOW)_/.test(name));
  const program = typeScriptProgram(resolve(import.meta.dirname, '../../trainer/main.ts'));
  const child = spawn(process.execPath, [...program, ...argv], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<TrainerEnd>((done, fail) => {
    child.on('error', fail);
    child.on('close', (exitCode) => done({ exitCode, stdout, stderr: withoutLibraryNotes(stderr) }));
  });
  return { process: child, ended };
}

/** TensorFlow's own notes about its start, which no setting silences. */
function withoutLibraryNotes(text: string): string {
  const lines = text.split('\n').filter((line) => !/absl::InitializeLog|^[IWE]\d{4} \d{2}:\d{2}:/.test(line));
  return lines.join('\n').trim();
}

export function runTrainer(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<TrainerEnd> {
  return startTrainer(argv, environment, cwd).ended;
}

/** The run log of a run folder. */
export async function trainerEvents(runDirectory: string): Promise<RunLogEvent[]> {
  const events: RunLogEvent[] = [];
  for await (const { event } of readRunLog(runDirectory)) events.push(event);
  return events;
}

/** The only run folder of a storage folder. */
export async function onlyRun(storage: string): Promise<string> {
  const names = await readdir(join(storage, 'runs'));
  if (names.length !== 1) throw new Error(`expected one run in ${storage}, found ${names.join(', ')}`);
  return join(storage, 'runs', names[0] as string);
}
