import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tagsAtEnd } from '../../../src/agent/end-tags.ts';
import { readJournal } from '../../../src/agent/journal.ts';
import { carryOut } from '../../../src/agent/lifecycle.ts';
import { freshRecord, RunContext } from '../../../src/agent/run-context.ts';
import { runNote } from '../../../src/agent/run-note.ts';
import { StopRequests } from '../../../src/agent/stop-requests.ts';
import { CannotWriteError, UnavailableError } from '../../../src/errors.ts';
import { type Executor, type ProgramExit, ProgramGoneError } from '../../../src/executors/executor.ts';
import { createRunDirectory, type RunPaths, writePlan, writeState } from '../../../src/runs/index.ts';
import { outputLine } from '../../../src/runs/output-log.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let storage: TemporaryDirectory;
let run: RunPaths & { readonly runId: string };
beforeEach(async () => {
  storage = await temporaryDirectory();
  run = await createRunDirectory(storage.path);
});
afterEach(() => storage.remove());

const handle = { executor: 'scripted' };

/** A program that ends as the test says, or when it is told to stop. */
class Program implements Executor {
  readonly name = 'scripted';
  readonly stops: string[] = [];
  readonly followOutput: Executor['followOutput'];
  readonly #end: ProgramExit | Error | null;
  #stopped: (exit: ProgramExit) => void = () => {};
  readonly #stopping = new Promise<ProgramExit>((resolve) => {
    this.#stopped = resolve;
  });

  constructor(end: ProgramExit | Error | null, followOutput: Executor['followOutput'] = async () => {}) {
    this.#end = end;
    this.followOutput = followOutput;
  }
  prepare = async () => ({ image: null, reused: true });
  start = async () => handle;
  inspect = async () => ({ state: 'gone' }) as const;
  wait = async () => {
    if (this.#end instanceof Error) throw this.#end;
    return this.#end ?? this.#stopping;
  };
  leftovers = async () => [];
  stop = async (_handle: unknown, how: 'polite' | 'force') => {
    this.stops.push(how);
    this.#stopped(exit(how === 'polite' ? 143 : 137));
  };
  remove = async () => {};
  find = async () => handle;
}

function exit(exitCode: number, change: Partial<ProgramExit> = {}): ProgramExit {
  return { exitCode, outOfMemory: false, error: null, startedAtMs: null, finishedAtMs: null, ...change };
}

/** An agent takes over a run whose program runs, and carries it to its end. */
async function carry(executor: Executor, prepare: (context: RunContext, stop: StopRequests) => void = () => {}) {
  const plan = examplePlan({ runId: run.runId, projectDirectory: '/p', storageDirectory: storage.path });
  // No server is asked: the run is on none.
  const tracking = { ...plan.tracking, uri: 'http://127.0.0.1:9' };
  await writePlan(run.directory, { ...plan, tracking, limits: { ...plan.limits, memoryMiB: 64 } });
  await writeState(run.directory, { ...freshRecord, updatedAtMs: 1, state: 'running', handle, startedAtMs: 1 });
  const context = await RunContext.open(run.directory);
  const stop = new StopRequests();
  prepare(context, stop);
  await carryOut(context, executor, stop);
  const results = readJournal(run.agentLog).flatMap((event) => (event.type === 'result' ? [event.result] : []));
  return { context, record: context.record, result: results.at(-1) };
}

describe('how a program ended', () => {
  it.each<[string, ProgramExit, string, string]>([
    ['by its own error', exit(3), 'program', 'the program exited with code 3'],
    [
      'for want of memory',
      exit(137, { outOfMemory: true }),
      'out-of-memory',
      'the program was killed for want of memory (its limit is 64 MiB)',
    ],
    ['killed by somebody', exit(137), 'signal', 'the program was ended from outside by signal 9 (SIGKILL)'],
    ['by a crash', exit(139), 'signal', 'the program crashed with signal 11 (SIGSEGV)'],
    ['before it began', exit(127, { error: 'no such command' }), 'start', 'no such command'],
  ])('%s is told with its kind and its exit code', async (_name, ended, failure, reason) => {
    const { record, result, context } = await carry(new Program(ended));
    expect(record).toMatchObject({ state: 'failed', exitCode: ended.exitCode, failure, reason });
    expect(result).toMatchObject({ status: 'FAILED', exitStatus: ended.exitCode });
    expect(tagsAtEnd(context)).toEqual({
      ...{ 'slipway.failure': failure, 'slipway.reason': reason },
      'slipway.exit_code': String(ended.exitCode),
    });
  });

  it('well is told with no more than its status', async () => {
    const { record, context } = await carry(new Program(exit(0)));
    expect(record).toMatchObject({ state: 'finished', failure: null, reason: null });
    expect(tagsAtEnd(context)).toEqual({});
  });

  it.each([
    ['a container that was removed', new ProgramGoneError('The container abc was removed.'), 'removed', 1],
    ['an engine that stays away', new UnavailableError('The engine does not answer.'), 'engine', 69],
    ['an engine that answers nonsense for ever', new TypeError('x is undefined'), 'internal', 70],
  ])(
    'is not known of %s, and the run has failed with the reason',
    async (_name, error, failure, exitStatus) => {
      const { record, result } = await carry(new Program(error));
      expect(record).toMatchObject({ state: 'failed', exitCode: null, failure });
      expect(record.reason).toBe(error.message.replace(/\.$/, ''));
      expect(result).toMatchObject({ status: 'FAILED', exitStatus });
    },
    30_000,
  );

  it('is known of a program whose output the engine does not give any more, and that some is missing is told', async () => {
    vi.stubEnv('MLFLOW_TRACKING_TOKEN', 'a-token-of-mine');
    const away = new UnavailableError('The engine does not answer a-token-of-mine.');
    const { record, result } = await carry(new Program(exit(0), () => Promise.reject(away)));
    vi.unstubAllEnvs();
    expect(record).toMatchObject({ state: 'finished', exitCode: 0, reason: null });
    expect(record.incomplete).toBe('the end of its output is missing: The engine does not answer ***');
    expect(result?.exitStatus).toBe(75);
  });

  it('after someone asked is KILLED, whoever asked', async () => {
    const program = new Program(null);
    const by = 'by alice with slipway stop';
    const { record, result, context } = await carry(program, (_context, stop) =>
      stop.request({ command: 'stop', how: 'polite', signal: 'SIGTERM', by }),
    );
    expect(program.stops).toEqual(['polite']);
    expect(record).toMatchObject({ state: 'killed', stopBy: by, reason: `it was stopped ${by}`, failure: null });
    expect(result?.exitStatus).toBe(143);
    expect(tagsAtEnd(context)).toEqual({ 'slipway.reason': `it was stopped ${by}`, 'slipway.exit_code': '143' });
  });

  it.each(['polite', 'force'] as const)(
    'after a stop (%s) while its engine was away is KILLED once that is back',
    async (how) => {
      const program = new Program(null);
      const { stop: reached } = program;
      let tries = 0;
      program.stop = async (...given) => {
        tries += 1;
        if (tries === 1) throw new UnavailableError('The engine does not answer.');
        return reached(...given);
      };
      const { record } = await carry(program, ({ plan }, stop) => {
        stop.request({ command: 'stop', how, signal: 'SIGTERM', graceMs: plan.stopGraceMs });
      });
      expect(program.stops).toEqual([how]);
      expect(record).toMatchObject({ state: 'killed', exitCode: how === 'polite' ? 143 : 137 });
    },
  );

  it('by force comes after the time that was given, however long: a timer of Node would not wait so long', async () => {
    const program = new Program(null);
    const { stop: reached } = program;
    program.stop = async (given, how) => {
      // It takes its time over the polite one.
      if (how === 'force') return reached(given, how);
      setTimeout(() => void reached(given, how), 300);
    };
    await carry(program, (_context, stop) => {
      stop.request({ command: 'stop', how: 'polite', signal: 'SIGTERM', graceMs: 40 * 86_400_000 });
    });
    expect(program.stops).toEqual(['polite']);
  });

  it('after a polite stop that its engine refuses is forced once the grace is over', async () => {
    const program = new Program(null);
    const { stop: reached } = program;
    program.stop = async (handle, how) => {
      if (how === 'polite') throw new Error('The engine takes no such signal.');
      return reached(handle, how);
    };
    const { record } = await carry(program, (_, stop) => {
      stop.request({ command: 'stop', how: 'polite', signal: 'SIGTERM', graceMs: 50 });
    });
    expect(program.stops).toEqual(['force']);
    expect(record).toMatchObject({ state: 'killed', exitCode: 137 });
  });

  it('by itself stays its end where somebody asks for a stop while its output is still being kept', async () => {
    let asked = (): void => {};
    const kept = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const program = new Program(exit(0), () => kept);
    const { record } = await carry(program, (_context, stop) => {
      setTimeout(() => {
        stop.request({ command: 'stop', how: 'polite', signal: 'SIGTERM' });
        asked();
      }, 300);
    });
    expect(record).toMatchObject({ state: 'finished', exitCode: 0, stopRequested: null });
    expect(program.stops).toEqual([]);
  });

  it('is never before its beginning, whatever became of the clock', async () => {
    const { record, context } = await carry(new Program(exit(0, { finishedAtMs: 5 })));
    expect(record.endedAtMs).toBe(context.plan.createdAtMs);
  });
});

describe('a run whose folder is of no use any more', () => {
  it('is ended where its output cannot be kept, and has failed with what is in the way', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const program = new Program(null, () => Promise.reject(full));
    const { record, result } = await carry(program);
    expect(program.stops).toEqual(['polite']);
    expect(record).toMatchObject({ failure: 'storage', exitCode: 143, failureExitCode: 73 });
    expect(record.reason).toBe("the program's output could not be kept: ENOSPC: no space left on device, write");
    expect(result).toMatchObject({ status: 'FAILED', exitStatus: 73 });
  });

  it('has the reason of its program where that had failed before its output could not be kept', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const program = new Program(exit(3, { finishedAtMs: Date.now() - 1 }), () => Promise.reject(full));
    const { record, result } = await carry(program);
    const incomplete = "the program's output could not be kept: ENOSPC: no space left on device, write";
    expect(record).toMatchObject({ failure: 'program', exitCode: 3, failureExitCode: null, incomplete });
    expect(result).toMatchObject({ status: 'FAILED', exitStatus: 3, incomplete });
  });

  it('is ended where somebody removed it', async () => {
    const program = new Program(null);
    const { record } = await carry(program, () => rmSync(run.directory, { recursive: true }));
    expect(program.stops).toEqual(['polite']);
    expect(record).toMatchObject({ state: 'failed', failure: 'storage' });
    expect(record.reason).toBe(`the run folder ${run.directory} was removed`);
  });

  it('has an end in its memory where the state cannot be written', async () => {
    const { context } = await carry(new Program(exit(0)));
    rmSync(run.directory, { recursive: true });
    await expect(context.update({ reason: 'x' })).rejects.toThrow(CannotWriteError);
    await context.settle({ reason: 'y' });
    expect(context.record.reason).toBe('y');
    expect(context.writeProblem).toContain('state.json');
    mkdirSync(run.directory, { recursive: true });
    await context.settle({});
    expect(context.writeProblem).toBeNull();
  });
});

it('the last lines of a program that failed are a tag and stand in the note, without those of the attempt before', async () => {
  writeFileSync(
    run.stdoutLog,
    `${outputLine(1000, 'old')}\n--- run x-1, attempt 2, 2026 ---\n${outputLine(3000, 'two')}\n`,
  );
  writeFileSync(run.stderrLog, `${outputLine(2000, '\u001b[31mone\u001b[0m')}\n${outputLine(4000, 'thr\u0000ee')}\n\n`);
  const { context } = await carry(new Program(exit(2)));
  const lines = tagsAtEnd(context)['slipway.last_lines'];
  expect(lines).toBe('one\ntwo\nthree');
  const note = runNote(context.plan, { image: null, tags: {}, result: null, lastLines: lines ?? null });
  expect(note).toContain('Its last lines:\n\n```text\none\ntwo\nthree\n```\n');
});
