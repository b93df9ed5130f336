import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../src/mlflow/index.ts';
import { agentProcesses } from '../support/agent-processes.ts';
import { type SlipwayEnd, slipway, startSlipway } from '../support/index.ts';
import { recordedArtifacts, recordedMetrics, recordedRun } from '../support/recorded-run.ts';
import { TrackedProject } from '../support/tracked-project.ts';

let tracked: TrackedProject;

beforeAll(async () => {
  tracked = await TrackedProject.open('echo', 'host');
  appendFileSync(join(tracked.project.path, 'MLproject'), untilThere);
  writeFileSync(join(tracked.project.path, 'until.sh'), untilScript);
  tracked.project.git('add', '--all');
  tracked.project.git('commit', '--quiet', '--message', 'Waits for a file');
});

afterAll(async () => {
  await tracked?.[Symbol.asyncDispose]();
});

/** A program that logs until a file is there: a test decides how long it runs. */
const untilThere = `
  until:
    parameters:
      file: {type: string, default: none}
    command: sh until.sh {file}
`;
const untilScript = `step=0
until [ -e "$1" ]; do
  step=$((step + 1))
  printf '{"v":1,"type":"metric","key":"value","value":1,"step":%s,"time_ms":%s000}\\n' "$step" "$(date +%s)" \\
    >> "$SLIPWAY_RUN_DIR/events/echo.ndjson"
  echo "step $step"
  sleep 0.2
done
`;

const withServer = () => ({ MLFLOW_TRACKING_URI: tracked.server.uri });

function runWords(name: string, ...words: string[]): string[] {
  return [
    'run',
    tracked.project.path,
    '--engine',
    'host',
    '--storage',
    tracked.storage.path,
    '--run-name',
    name,
    ...words,
  ];
}

const launch = (name: string, ...words: string[]): Promise<SlipwayEnd> =>
  slipway(runWords(name, ...words), { environment: withServer() });

const launchLog = (name: string, values: number, ...words: string[]): Promise<SlipwayEnd> =>
  launch(name, '-e', 'log', '-P', `values=${values}`, ...words);

const sync = (...words: string[]): Promise<SlipwayEnd> =>
  slipway(['sync', ...words, '--storage', tracked.storage.path]);

/** The steps of a run's only metric, as the server has them. */
async function steps(run: Run): Promise<number[]> {
  const { value = [] } = await recordedMetrics(tracked.client, run);
  return value.map(({ step }) => step);
}

const upTo = (values: number): number[] => Array.from({ length: values }, (_, index) => index + 1);

interface Documents {
  readonly directory: string;
  readonly plan: { readonly createdAtMs: number };
  readonly state: Record<string, unknown>;
  /** Values that its program has logged. */
  readonly logged: number;
}

function documentsOf(runId: string): Documents {
  const directory = join(tracked.storage.path, 'runs', runId);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(directory, name), 'utf8'));
  const logged = readFileSync(join(directory, 'events', 'echo.ndjson'), { encoding: 'utf8', flag: 'a+' }).split('\n');
  return { directory, plan: read('plan.json'), state: read('state.json'), logged: logged.length - 1 } as Documents;
}

function runIdOf(end: SlipwayEnd): string {
  return /runs\/(\d{8}-\d{6}-[0-9a-z]{4})/.exec(end.stdout)?.[1] ?? '';
}

describe('a run with --offline', () => {
  it('speaks to no server, has a database of its own for MLflow, and is sent later with its real times', async () => {
    const end = await launchLog('quiet', 7, '--offline');
    expect(end).toMatchObject({ exitCode: 0 });
    const runId = runIdOf(end);
    expect(end.stdout).toContain(`slipway sync ${runId}`);
    expect(await tracked.client.getExperimentByName('echo')).toBeNull();
    const { state, plan } = documentsOf(runId);
    expect(state).toMatchObject({ state: 'finished', offline: true, mlflowRunId: null, trackingUri: null });

    const waiting = await slipway(['ps', '--storage', tracked.storage.path]);
    expect(waiting.stdout).toMatch(/^quiet +finished, not sent /m);

    expect(await sync('quiet')).toMatchObject({ exitCode: 0 });
    const run = await recordedRun(tracked.client, 'echo', 'quiet');
    expect(await steps(run)).toEqual(upTo(7));
    expect(run.info).toMatchObject({
      status: 'FINISHED',
      startTimeMs: plan.createdAtMs,
      endTimeMs: state.endedAtMs,
    });
    expect(run.data.tags['slipway.id']).toBe(runId);
    expect(await recordedArtifacts(tracked.client, run)).toContain('logs/stdout.log');
  });

  it('is not sent again: that is said, and nobody is asked', async () => {
    await tracked.server.stop();
    const again = await sync('quiet', '--json');
    await tracked.server.restart();
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ runs: [{ runName: 'quiet', outcome: 'was-there' }] });
  });
});

describe('a server that is away at the launch', () => {
  it('fails the run at once, with the option that would have let it begin', async () => {
    await tracked.server.stop();
    const end = await launchLog('impatient', 1);
    expect(end.exitCode).toBe(69);
    expect(end.stderr).toContain('--offline-ok');
  });

  it('lets it begin with --offline-ok, and gets everything when it answers while the program runs', async () => {
    const file = tracked.storage.join('answered');
    const words = runWords('patient', '--offline-ok', '-e', 'until', '-P', `file=${file}`);
    const running = startSlipway(words, { environment: withServer() });
    await running.until('sent as soon as the server answers');
    await running.until('step 3');
    await tracked.server.restart();
    await running.until('The run is on the tracking server now');
    expect(running.output().stdout).toBe('');
    writeFileSync(file, '');
    const end = await running.ended;
    expect(end).toMatchObject({ exitCode: 0 });
    expect(end.stderr.match(/sent as soon as/g)).toHaveLength(1);
    const run = await recordedRun(tracked.client, 'echo', 'patient');
    const { plan, state, logged } = documentsOf(runIdOf(end));
    expect(await steps(run)).toEqual(upTo(logged));
    expect(run.info).toMatchObject({ status: 'FINISHED', startTimeMs: plan.createdAtMs });
    expect(state).toMatchObject({ offline: false, statusSent: true });
  });

  it('that refuses the run is none that is away: it fails at once', async () => {
    const end = await launch('wrong', '--offline-ok', '--experiment-id', '999999');
    expect(end.exitCode).not.toBe(0);
    expect(end.stderr).toContain('999999');
    expect(end.stderr).not.toContain('sent as soon as');
  });
});

describe('slipway sync', () => {
  it('sends a run while its program runs, and its agent goes on with the rest', async () => {
    const file = tracked.storage.join('sent');
    const words = runWords('live', '--offline', '--detach', '--json', '-e', 'until', '-P', `file=${file}`);
    const { stdout } = await slipway(words, { environment: withServer() });
    const { runId } = JSON.parse(stdout) as { runId: string };
    const end = await sync(runId, '--json');
    expect(end).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(end.stdout)).toMatchObject({ runs: [{ outcome: 'running' }] });
    expect((await recordedRun(tracked.client, 'echo', 'live')).info.status).toBe('RUNNING');
    writeFileSync(file, '');
    expect(await slipway(['attach', runId, '--storage', tracked.storage.path])).toMatchObject({ exitCode: 0 });
    const run = await recordedRun(tracked.client, 'echo', 'live');
    expect(run.info.status).toBe('FINISHED');
    expect(await steps(run)).toEqual(upTo(documentsOf(runId).logged));
  });

  it('whose agent is killed at every turn goes on where it was: one run, every value once', async () => {
    const values = 800;
    const runId = runIdOf(await launchLog('killed', values, '--offline'));
    const { directory } = documentsOf(runId);
    const patience = Date.now() + 600_000;
    for (let kills = 0; kills < 4 && Date.now() < patience; ) {
      const syncing = startSlipway(['sync', runId, '--storage', tracked.storage.path]);
      await new Promise((wake) => setTimeout(wake, 250 + 250 * kills));
      for (const pid of agentProcesses(directory)) {
        process.kill(pid, 'SIGKILL');
        kills += 1;
      }
      // Killed, too, at its worst moment: it is the one who would start another agent.
      syncing.child.kill('SIGKILL');
      await syncing.ended;
      if (documentsOf(runId).state.statusSent === true) break;
    }
    expect(await sync(runId)).toMatchObject({ exitCode: 0 });
    const run = await recordedRun(tracked.client, 'echo', 'killed');
    expect(run.info.status).toBe('FINISHED');
    expect(await steps(run)).toEqual(upTo(values));
  });

  it('sends all that are unsent, of resumed ones every attempt, though the project is gone; one failure stops none', async () => {
    const first = runIdOf(await launch('twice', '-e', 'fail', '--offline'));
    expect((await slipway(['run', '--resume', first, '--storage', tracked.storage.path])).exitCode).toBe(3);
    await launchLog('sole', 4, '--offline');
    const lost = runIdOf(await launch('lost', '--offline', '--experiment-id', '999999'));
    await rm(tracked.project.path, { recursive: true });
    const end = await sync('--all', '--json');
    expect(end.exitCode).not.toBe(0);
    const { runs } = JSON.parse(end.stdout) as { runs: { runName: string; outcome: string; message: string }[] };
    expect(runs.map(({ runName, outcome }) => `${runName} ${outcome}`)).toEqual([
      'twice sent',
      'sole sent',
      'lost failed',
    ]);
    expect(runs[2]?.message).toContain('999999');
    expect(await steps(await recordedRun(tracked.client, 'echo', 'sole'))).toEqual(upTo(4));
    const twice = await recordedRun(tracked.client, 'echo', 'twice');
    expect(twice.info.status).toBe('FAILED');
    expect(twice.data.tags).toMatchObject({ 'slipway.id': first, 'slipway.resumed': '1' });
    expect(documentsOf(lost).state).toMatchObject({ state: 'finished', offline: true });
  });

  it('sends nothing where one of the names is none', async () => {
    const end = await sync('sole', 'no-such-run');
    expect(end).toMatchObject({ exitCode: 64, stdout: '' });
    expect(end.stderr).toContain('no-such-run');
  });
});
