import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { MlflowClient, type Run } from '../../src/mlflow/index.ts';
import { agentProcesses } from './agent-processes.ts';
import { testBaseImage } from './base-image.ts';
import { type GitProject, gitProject } from './git-project.ts';
import { type MlflowServer, startMlflow } from './mlflow.ts';
import { type RunningSlipway, type SlipwayEnd, slipway, startSlipway } from './slipway.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

/** A run that was started, and where it lies. */
export interface InterruptibleRun {
  readonly running: RunningSlipway;
  readonly runId: string;
  readonly directory: string;
}

/** The epochs that its runs are launched with. */
export const resumableEpochs = 8;

/** The project `resumable` with a server and a storage of its own, whose runs are interrupted and resumed. */
export class ResumableProject implements AsyncDisposable {
  readonly server: MlflowServer;
  readonly client: MlflowClient;
  readonly project: GitProject;
  readonly storage: TemporaryDirectory;

  private constructor(server: MlflowServer, project: GitProject, storage: TemporaryDirectory) {
    this.server = server;
    this.client = new MlflowClient({ trackingUri: server.uri, environment: {} });
    this.project = project;
    this.storage = storage;
  }

  static async open(): Promise<ResumableProject> {
    const server = await startMlflow();
    const project = await gitProject('resumable', { baseImage: await testBaseImage() });
    return new ResumableProject(server, project, await temporaryDirectory());
  }

  environment(epochSeconds: string) {
    return { environment: { MLFLOW_TRACKING_URI: this.server.uri, EPOCH_SECONDS: epochSeconds } };
  }

  launchWords(name: string, engine: string): string[] {
    const words = ['run', this.project.path, '--storage', this.storage.path, '--engine', engine, '--run-name', name];
    return [...words, '-P', `epochs=${resumableEpochs}`, '--env', 'EPOCH_SECONDS'];
  }

  /** Starts a run that is slow enough to be interrupted, and waits for its third epoch, or for what it says. */
  async startRun(
    name: string,
    engine: string,
    { epochSeconds = '0.4', said = 'epoch 3' } = {},
  ): Promise<InterruptibleRun> {
    const running = startSlipway(this.launchWords(name, engine), this.environment(epochSeconds));
    await running.until(said);
    const runId = /\d{8}-\d{6}-[0-9a-z]{4}/.exec(running.output().stderr)?.[0] ?? '';
    return { running, runId, directory: join(this.storage.path, 'runs', runId) };
  }

  resume(run: string, ...words: string[]): Promise<SlipwayEnd> {
    return slipway(['run', '--resume', run, '--storage', this.storage.path, ...words], this.environment('0'));
  }

  /** The one run of a name that the server has. */
  async runOf(name: string): Promise<Run> {
    const experiment = await this.client.getExperimentByName('resumable');
    const experimentIds = [experiment?.experimentId ?? ''];
    const { items } = await this.client.searchRuns({ experimentIds, filter: `attributes.run_name = '${name}'` });
    expect(items).toHaveLength(1);
    return this.client.getRun(items[0]?.info.runId ?? '');
  }

  /** The loss of each epoch; every epoch must be there once. */
  async losses(run: Run): Promise<number[]> {
    const history = await this.client.metricHistory(run.info.runId, 'loss');
    expect(history.map(({ step }) => step)).toEqual(history.map((_, index) => index + 1));
    return history.map(({ value }) => value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.project[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    await this.storage[Symbol.asyncDispose]();
  }
}

/** Kills launcher, agent and program at once, as a power cut would. */
export async function killEverything({ running, directory }: InterruptibleRun, attempt = 1): Promise<void> {
  running.child.kill('SIGKILL');
  for (const pid of agentProcesses(directory)) process.kill(pid, 'SIGKILL');
  killProgram(directory, attempt);
  await running.ended;
}

/** Kills the program of a run's attempt with all its processes, on whichever engine it runs. */
export function killProgram(runDirectory: string, attempt = 1): void {
  const suffix = attempt === 1 ? '' : `-${attempt}`;
  const claim = join(runDirectory, 'logs', `program${suffix}.pid`);
  if (existsSync(claim)) process.kill(-Number(readFileSync(claim, 'utf8')), 'SIGKILL');
  else execFileSync('docker', ['kill', `slipway-${basename(runDirectory)}${suffix}`], { stdio: 'ignore' });
}
