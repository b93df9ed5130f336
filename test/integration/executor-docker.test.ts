import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { environment } from '../../src/config.ts';
import { DockerEngine } from '../../src/docker/index.ts';
import { createExecutor, type ProgramExit, type ProgramHandle, type ProgramOutput } from '../../src/executors/index.ts';
import { describeContext } from '../../src/image/index.ts';
import { type RunPlan, runPaths } from '../../src/runs/index.ts';
import { testBaseImage } from '../support/base-image.ts';
import { type ExamplePlanOptions, examplePlan } from '../support/example-plan.ts';
import { keptOutput, requireDocker, skip, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';

const uid = 4242;
const runId = '20260102-030405-dock';
const never = new AbortController().signal;
const context = { signal: never, onProgress: () => {}, onNotice: () => {} };
const strictDockerfile = 'ARG BASE_IMAGE\nFROM $BASE_IMAGE\nLABEL slipway.strict=true\nWORKDIR /app\n';

let engine: DockerEngine;
let base: string;
let project: TemporaryDirectory;
let storage: TemporaryDirectory;
let treeHash: string | null;

beforeAll(async () => {
  await requireDocker();
  engine = await DockerEngine.connect({ environment: environment() });
  base = await testBaseImage();
});

beforeEach(async () => {
  project = await temporaryDirectory();
  storage = await temporaryDirectory();
  mkdirSync(runPaths(storage.path, runId).logs, { recursive: true });
  chownSync(storage.path, uid, uid);
});

afterEach(async () => {
  for (const { id } of await engine.listContainers({ label: `slipway.run=${runId}` })) await engine.removeContainer(id);
  await project.remove();
  await storage.remove();
});

afterAll(async () => {
  const images = (await engine?.listImages({ label: 'slipway.project=example' })) ?? [];
  for (const { id } of images) await engine.removeImage(id, { force: true });
});

async function planOf(command: string, changes: Partial<ExamplePlanOptions> = {}): Promise<RunPlan> {
  if (changes.dockerImage === undefined) writeFileSync(project.join('Dockerfile'), strictDockerfile);
  treeHash = (await describeContext(project.path)).treeHash;
  const reference = `slipway-test-executor:${treeHash}`;
  const common = { runId, projectDirectory: project.path, storageDirectory: storage.path, command, base, treeHash };
  return examplePlan({ ...common, reference, uid, ...changes });
}

async function start(plan: RunPlan, variables: Record<string, string> = {}): Promise<ProgramHandle> {
  const executor = createExecutor('docker');
  const prepared = await executor.prepare(plan, context);
  const runDirectory = runPaths(storage.path, runId).directory;
  return executor.start({ plan, prepared, runDirectory, environment: variables }, context);
}

/** As an agent that knows the handle from `state.json` alone. */
async function end(handle: ProgramHandle): Promise<ProgramExit & { stdout: string; stderr: string }> {
  const executor = createExecutor('docker');
  const known = JSON.parse(JSON.stringify(handle)) as ProgramHandle;
  const [exit] = await Promise.all([executor.wait(known, never), executor.followOutput(known, output(), never)]);
  return { ...exit, ...logs() };
}

function output(): ProgramOutput {
  return { runDirectory: runPaths(storage.path, runId).directory };
}

function logs(): { stdout: string; stderr: string } {
  const { logs: folder } = runPaths(storage.path, runId);
  return { stdout: keptOutput(folder, 'stdout').toString(), stderr: keptOutput(folder, 'stderr').toString() };
}

describe('a program in a container of ours', () => {
  it("has the caller's uid, no capabilities, and only /storage and /tmp to write to", async () => {
    const command = [
      'id -u; grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status',
      'for place in /app /etc /root / /storage/mlflow; do touch $place/x 2>/dev/null && echo "wrote to $place"; done',
      'touch /tmp/x $SLIPWAY_STORAGE/x && mkdir -p $SLIPWAY_RUN_DIR/../other && echo done $HOME',
      'cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null || true',
    ].join('\n');
    chownSync(storage.join('runs'), uid, uid);
    const { stdout, exitCode } = await end(await start(await planOf(command)));
    const lines = stdout.split('\n');
    expect(lines).toEqual([String(uid), 'CapEff:\t0000000000000000', 'NoNewPrivs:\t1', 'done /tmp', '256', '']);
    expect(exitCode).toBe(0);
  });

  it("does not see the embedded server's data", async () => {
    mkdirSync(storage.join('mlflow'));
    writeFileSync(storage.join('mlflow/mlflow.db'), 'database');
    const { stdout } = await end(await start(await planOf('ls -A /storage/mlflow | wc -l')));
    expect(stdout.trim()).toBe('0');
  });

  it('ends with its exit code and both streams, byte for byte', async () => {
    const { exitCode, stdout, stderr, outOfMemory, error } = await end(
      await start(await planOf("printf 'größe ✓'; printf 'no line end' >&2; exit 3")),
    );
    expect({ exitCode, stdout, stderr, outOfMemory, error }).toEqual({
      exitCode: 3,
      stdout: 'größe ✓',
      stderr: 'no line end',
      outOfMemory: false,
      error: null,
    });
  });

  it('says that it ran out of memory', async () => {
    const command = 'node -e "const a=[]; for(;;) a.push(Buffer.alloc(1e7, 1))"';
    const exit = await end(await start(await planOf(command, { memoryMiB: 64 })));
    expect(exit.outOfMemory).toBe(true);
    expect(exit.exitCode).not.toBe(0);
  });

  it('may end politely, also as one command of several', async () => {
    writeFileSync(
      storage.join('program.mjs'),
      `process.on('SIGTERM', () => setTimeout(() => { console.log('saved'); process.exit(7); }, 300));
       setInterval(() => {}, 1000); console.log('ready');`,
    );
    const handle = await start(await planOf('cd /storage && node program.mjs; echo next'));
    const executor = createExecutor('docker');
    const following = executor.followOutput(handle, output(), never);
    while (!stdoutSoFar().includes('ready')) await new Promise((resolve) => setTimeout(resolve, 20));
    await executor.stop(handle, 'polite');
    expect(await executor.wait(handle, never)).toMatchObject({ exitCode: 7 });
    await following;
    expect(logs().stdout).toBe('ready\nsaved\n');
  });

  it('is killed by force', async () => {
    const handle = await start(await planOf('trap "" TERM; sleep 60'));
    await createExecutor('docker').stop(handle, 'force');
    expect(await end(handle)).toMatchObject({ exitCode: 137, outOfMemory: false });
  });
});

function stdoutSoFar(): string {
  const file = runPaths(storage.path, runId).stdoutLog;
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

describe('an agent that takes over', () => {
  it('finds the program, and does not start it twice', async () => {
    const plan = await planOf('echo once >> /storage/starts; sleep 60');
    const handle = await start(plan);
    expect(await start(plan)).toEqual(handle);
    expect(await createExecutor('docker').find(plan)).toEqual(handle);
    expect(await createExecutor('docker').inspect(handle)).toEqual({ state: 'running' });
    await createExecutor('docker').stop(handle, 'force');
    await end(handle);
    expect(await createExecutor('docker').inspect(handle)).toMatchObject({ state: 'exited', exit: { exitCode: 137 } });
    await createExecutor('docker').remove(handle);
    await createExecutor('docker').remove(handle);
    expect(await createExecutor('docker').inspect(handle)).toEqual({ state: 'gone' });
    expect(await createExecutor('docker').find(plan)).toBeNull();
  });

  it('starts a container that was made and never ran', async () => {
    const plan = await planOf('echo ran');
    const prepared = await createExecutor('docker').prepare(plan, context);
    const { containerOptions } = await import('../../src/executors/container-options.ts');
    const facts = { imageId: prepared.image!.id, isStrict: true, environment: {} };
    await engine.createContainer(containerOptions(plan, facts));
    expect(await createExecutor('docker').find(plan)).toBeNull();
    expect(await createExecutor('docker').find(plan, { withUnstarted: true })).not.toBeNull();
    expect(await end(await start(plan))).toMatchObject({ exitCode: 0, stdout: 'ran\n' });
  });

  it('goes on copying output where the one before it stopped', async () => {
    const handle = await start(
      await planOf('for i in 1 2 3 4 5 6; do echo line $i; echo error $i >&2; sleep 0.2; done'),
    );
    const controller = new AbortController();
    const following = createExecutor('docker').followOutput(handle, output(), controller.signal);
    while (!stdoutSoFar().includes('line 2')) await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error('died'));
    await expect(following).rejects.toThrow('died');
    const { stdout, stderr } = await end(handle);
    expect(stdout).toBe('line 1\nline 2\nline 3\nline 4\nline 5\nline 6\n');
    expect(stderr).toBe('error 1\nerror 2\nerror 3\nerror 4\nerror 5\nerror 6\n');
    await createExecutor('docker').followOutput(handle, output(), never);
    expect(logs()).toEqual({ stdout, stderr });
  });
});

describe('a program in a container of someone else’s image', () => {
  it('may write anywhere its user may, and reaches a server on this machine’s loopback', async () => {
    const server = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const uri = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const command = `touch beside && node -e 'fetch("${uri}").then((answer) => answer.text()).then(console.log)'`;
    const plan = await planOf(command, { dockerImage: base });
    const { stdout, exitCode } = await end(await start(plan, { MLFLOW_TRACKING_URI: uri }));
    server.close();
    expect({ stdout, exitCode }).toEqual({ stdout: 'reached\n', exitCode: 0 });
  });

  it('gets the volumes of its MLproject', async () => {
    mkdirSync(project.join('input'));
    writeFileSync(project.join('input/a.txt'), 'from a volume');
    const plan = await planOf('cat /in/a.txt; touch /in/b 2>/dev/null || echo " read-only"', {
      dockerImage: base,
      volumes: ['./input:/in:ro'],
    });
    expect((await end(await start(plan))).stdout).toBe('from a volume read-only\n');
  });
});

describe('what cannot be started', () => {
  it('is said once and leaves no container: a folder to mount that is not there', async () => {
    const plan = await planOf('true', { dockerImage: base, volumes: ['/no/such/folder:/in'] });
    await expect(start(plan)).rejects.toThrow('/no/such/folder');
    expect(await engine.listContainers({ label: `slipway.run=${runId}` })).toEqual([]);
  });

  it('is a run with GPUs on an engine without their runtime, before anything is built', async () => {
    const { runtimes } = await engine.info();
    if (runtimes.includes('nvidia')) skip('this engine has the NVIDIA runtime');
    const plan = await planOf('true', { gpus: 'all', dockerImage: base });
    const lines: string[] = [];
    const preparing = createExecutor('docker').prepare(plan, { ...context, onProgress: (line) => lines.push(line) });
    await expect(preparing).rejects.toThrow('this Docker engine has no NVIDIA runtime');
    expect(lines).toEqual([]);
  });
});
