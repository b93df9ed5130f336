import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { visibleDevices } from '../../../src/executors/host-variables.ts';
import { createExecutor, type ProgramExit, type ProgramHandle } from '../../../src/executors/index.ts';
import { spoolFile } from '../../../src/executors/spool-output.ts';
import { type OutputStream, runPaths } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { keptOutput, type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const never = new AbortController().signal;
const context = { signal: never, onProgress: () => {}, onNotice: () => {} };
const runId = '20260102-030405-host';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
  mkdirSync(runPaths(folder.path, runId).logs, { recursive: true });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder.remove();
});

function planOf(command: string) {
  return examplePlan({ runId, projectDirectory: folder.path, storageDirectory: folder.path, command, engine: 'host' });
}

async function start(command: string, environment: Record<string, string> = {}): Promise<ProgramHandle> {
  const plan = planOf(command);
  const executor = createExecutor('host');
  const prepared = await executor.prepare(plan, context);
  const runDirectory = runPaths(folder.path, runId).directory;
  return executor.start({ plan, prepared, runDirectory, environment }, context);
}

/** Another executor than the one that started it, as in an agent that takes over; from the handle's JSON. */
async function wait(handle: ProgramHandle): Promise<ProgramExit> {
  const executor = createExecutor('host');
  const known = JSON.parse(JSON.stringify(handle)) as ProgramHandle;
  await executor.followOutput(known, { runDirectory: runPaths(folder.path, runId).directory }, never);
  return executor.wait(known, never);
}

const log = (stream: OutputStream) => keptOutput(runPaths(folder.path, runId).logs, stream).toString();
/** What the program has written, copied or not. */
const spool = (stream: OutputStream) => readFileSync(spoolFile(runPaths(folder.path, runId).logs, 1, stream), 'utf8');

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a program on the host', () => {
  it('ends with its exit code, its output in the run folder, and knows where it stands', async () => {
    const handle = await start('echo "$GREETING $SLIPWAY_RUN_DIR $SLIPWAY_STORAGE"; echo wrong >&2; exit 3', {
      GREETING: 'hello',
    });
    expect(await wait(handle)).toMatchObject({ exitCode: 3, outOfMemory: false });
    expect(log('stdout')).toBe(`hello ${runPaths(folder.path, runId).directory} ${folder.path}\n`);
    expect(log('stderr')).toBe('wrong\n');
    expect(await createExecutor('host').inspect(handle)).toMatchObject({ state: 'exited', exit: { exitCode: 3 } });
  });

  it('finds its secrets by links in a folder of its own, which goes with it; its files stay', async () => {
    const key = folder.join('key');
    writeFileSync(key, 'the key\n');
    const plan = {
      ...planOf('cat "$SLIPWAY_SECRETS_DIR/token"; stat -c %a "$SLIPWAY_SECRETS_DIR"'),
      secretFiles: { token: key },
    };
    const executor = createExecutor('host');
    const runDirectory = runPaths(folder.path, runId).directory;
    const prepared = { image: null, reused: true };
    const handle = await executor.start({ plan, prepared, runDirectory, environment: {} }, context);
    expect(await wait(handle)).toMatchObject({ exitCode: 0 });
    expect(log('stdout')).toBe('the key\n700\n');
    await executor.remove(handle);
    expect(existsSync(`${runDirectory}/secrets`)).toBe(false);
    expect(existsSync(key)).toBe(true);
  });

  it('tells with which variables it was started, as long as it runs', async () => {
    const handle = await start('sleep 60', { A_TOKEN: 'value=1' });
    const executor = createExecutor('host');
    expect(await executor.variables?.(handle)).toMatchObject({ A_TOKEN: 'value=1' });
    await executor.stop(handle, 'force');
    await wait(handle);
    expect(await executor.variables?.(handle)).toBeNull();
  });

  it('does not get the credentials of the tracking server, unless they were asked for', async () => {
    vi.stubEnv('MLFLOW_TRACKING_USERNAME', 'me');
    vi.stubEnv('MLFLOW_TRACKING_PASSWORD', 'secret');
    vi.stubEnv('MLFLOW_TRACKING_TOKEN', 'other');
    vi.stubEnv('MLFLOW_TRACKING_URI', 'https://me:secret@mlflow.example');
    vi.stubEnv('MLFLOW_TRACKING_CLIENT_CERT_PATH', '/cert.pem');
    vi.stubEnv('OTHER', 'stays');
    const handle = await start('env | grep -E "^(MLFLOW_TRACKING_|OTHER=)" | sort', { MLFLOW_TRACKING_TOKEN: 'named' });
    expect(await wait(handle)).toMatchObject({ exitCode: 0 });
    expect(log('stdout').trimEnd().split('\n')).toEqual([
      'MLFLOW_TRACKING_CLIENT_CERT_PATH=/cert.pem',
      'MLFLOW_TRACKING_TOKEN=named',
      'OTHER=stays',
    ]);
  });

  it('leaves nothing behind that could not be started', async () => {
    const key = `${folder.path}/key`;
    writeFileSync(key, 'x');
    const plan = { ...planOf('true'), secretFiles: { token: key } };
    const gone = { ...plan, project: { ...plan.project, directory: `${folder.path}/gone` } };
    const { directory: runDirectory, logs } = runPaths(folder.path, runId);
    const prepared = { image: null, reused: true };
    const begun = createExecutor('host').start({ plan: gone, prepared, runDirectory, environment: {} }, context);
    await expect(begun).rejects.toThrow(/could not be started/);
    expect(existsSync(`${runDirectory}/secrets`)).toBe(false);
    expect(readdirSync(logs)).toEqual([]);
  });

  it('is found by another agent and not started twice', async () => {
    const command = `echo once >> ${folder.join('starts')}; sleep 60`;
    const handle = await start(command);
    await until(() => existsSync(folder.join('starts')));
    expect(await start(command)).toEqual(handle);
    const other = createExecutor('host');
    expect(await other.find(planOf(command))).toEqual(handle);
    expect(await other.inspect(handle)).toEqual({ state: 'running' });
    await other.stop(handle, 'force');
    expect(await wait(handle)).toMatchObject({ exitCode: 137 });
    expect(readFileSync(folder.join('starts'), 'utf8')).toBe('once\n');
  });

  it('may end politely: the signal reaches it, what would come next is left out, its own code counts', async () => {
    writeFileSync(
      folder.join('program.mjs'),
      `process.on('SIGTERM', () => setTimeout(() => { console.log('saved'); process.exit(7); }, 200));
       setInterval(() => {}, 1000); console.log('ready');`,
    );
    const handle = await start('node program.mjs; echo next');
    await until(() => spool('stdout').includes('ready'));
    await createExecutor('host').stop(handle, 'polite');
    expect(await wait(handle)).toMatchObject({ exitCode: 7 });
    expect(log('stdout')).toBe('ready\nsaved\n');
  });

  it('is not mistaken for another process that has its id', async () => {
    const handle = await start('sleep 60');
    const reused = { ...handle, startTicks: '1' };
    expect(await createExecutor('host').inspect(reused)).toMatchObject({ state: 'exited', exit: { exitCode: 137 } });
    await createExecutor('host').stop(reused, 'force');
    expect(await createExecutor('host').inspect(handle)).toEqual({ state: 'running' });
    await createExecutor('host').stop(handle, 'force');
    await wait(handle);
  });

  it('whose command does not exist ends with 127 and says why', async () => {
    const handle = await start('no-such-command --flag');
    expect(await wait(handle)).toMatchObject({ exitCode: 127 });
    expect(log('stderr')).toContain('no-such-command');
  });

  it('that was spawned when somebody asked to stop has a handle, so that it can end politely', async () => {
    const stop = new AbortController();
    const executor = createExecutor('host');
    const plan = planOf("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done");
    const prepared = await executor.prepare(plan, context);
    const runDirectory = runPaths(folder.path, runId).directory;
    const asked = { ...context, signal: stop.signal, onDetail: () => stop.abort(new Error('stop')) };
    const handle = await executor.start({ plan, prepared, runDirectory, environment: {} }, asked);
    await until(() => spool('stdout').includes('ready'));
    await executor.stop(handle, 'polite');
    expect(await wait(handle)).toMatchObject({ exitCode: 7 });
  });

  it('is given up by whom no longer waits', async () => {
    const handle = await start('sleep 60');
    const controller = new AbortController();
    const waiting = createExecutor('host').wait(handle, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await createExecutor('host').stop(handle, 'force');
    await wait(handle);
  });
});

describe('GPUs of the host', () => {
  it.each([
    [null, {}],
    ['all', {}],
    ['2', { CUDA_VISIBLE_DEVICES: '0,1' }],
    ['device=1,3', { CUDA_VISIBLE_DEVICES: '1,3' }],
  ])('%s', (gpus, wanted) => {
    expect(visibleDevices(gpus)).toEqual(wanted);
  });
});

describe('another attempt', () => {
  it('is a program of its own, found by itself', async () => {
    const first = await start('exit 3');
    await wait(first);
    const plan = { ...planOf('exit 4'), attempt: 2 };
    const executor = createExecutor('host');
    expect(await executor.find(plan)).toBeNull();
    const prepared = await executor.prepare(plan, context);
    const { directory: runDirectory } = runPaths(folder.path, runId);
    const second = await executor.start({ plan, prepared, runDirectory, environment: {} }, context);
    expect((await wait(second)).exitCode).toBe(4);
    expect((await wait(first)).exitCode).toBe(3);
  });

  it('learns of processes that outlived their program', async () => {
    const handle = await start('echo started; while true; do sleep 0.1; done');
    await until(() => spool('stdout').includes('started'));
    process.kill(Number(handle.pid), 'SIGKILL');
    expect((await wait(handle)).exitCode).toBe(137);
    const executor = createExecutor('host');
    const pids = await executor.leftovers(handle);
    expect(pids.length).toBeGreaterThan(0);
    process.kill(-Number(handle.pid), 'SIGKILL');
    while ((await executor.leftovers(handle)).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    // Of an earlier boot nothing lives.
    expect(await executor.leftovers({ ...handle, startedAtMs: 1 })).toEqual([]);
  });
});
