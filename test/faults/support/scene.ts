import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { agentProcesses } from '../../support/agent-processes.ts';
import type { GitProject } from '../../support/git-project.ts';
import type { MlflowServer } from '../../support/mlflow.ts';
import { type RunningSlipway, type SlipwayEnd, startSlipway } from '../../support/slipway.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.ts';
import { docker, processesWith } from './leftovers.ts';
import type { FaultRow } from './row.ts';
import { runsOfId, valuesOnServer } from './server-values.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const pollMs = 50;

/** What a scene is made of. */
export interface SceneParts {
  readonly row: FaultRow;
  readonly server: MlflowServer;
  readonly project: GitProject;
}

/** One row while it runs: a storage and a proxy of its own, before a real server, and what was launched. */
export class Scene implements AsyncDisposable {
  readonly row: FaultRow;
  readonly server: MlflowServer;
  readonly project: GitProject;
  readonly folder: TemporaryDirectory;
  readonly proxy: TcpProxy;
  /** Asks the server itself, past the proxy. */
  readonly client: MlflowClient;
  /** Added to what every launch finds in its environment. */
  readonly environment: Record<string, string> = {};
  readonly launches: RunningSlipway[] = [];
  /** What is to be taken away at the end, the last first. */
  readonly cleanups: (() => Promise<void> | void)[] = [];
  readonly #known = new Set<string>();
  /** When the fault was over; null before. */
  faultOverMs: number | null = null;

  private constructor({ row, server, project }: SceneParts, folder: TemporaryDirectory, proxy: TcpProxy) {
    this.row = row;
    this.server = server;
    this.project = project;
    this.folder = folder;
    this.proxy = proxy;
    this.client = new MlflowClient({ trackingUri: server.uri, environment: {} });
    for (const path of [this.storage, this.temporary]) mkdirSync(path);
  }

  static async open(parts: SceneParts): Promise<Scene> {
    return new Scene(parts, await temporaryDirectory('slipway-fault-'), await startTcpProxy(parts.server.port));
  }

  get storage(): string {
    return this.folder.join('storage');
  }

  /** The folder for temporary files that everything launched here is given. */
  get temporary(): string {
    return this.folder.join('tmp');
  }

  /** What everything launched here finds in its environment. */
  get variables(): Record<string, string> {
    return {
      MLFLOW_TRACKING_URI: this.proxy.uri,
      TMPDIR: this.temporary,
      ...this.row.environment,
      ...this.environment,
    };
  }

  /** Starts any verb of the command line on this scene's storage. */
  start(...words: readonly string[]): RunningSlipway {
    const running = startSlipway([...words, '--storage', this.storage], { environment: this.variables });
    this.launches.push(running);
    return running;
  }

  /** The words of the row's launch. */
  launchWords(...more: readonly string[]): string[] {
    const { row, project } = this;
    const parameters = Object.entries(row.parameters ?? {}).flatMap(([name, value]) => ['-P', `${name}=${value}`]);
    const entryPoint = row.entryPoint === undefined ? [] : ['-e', row.entryPoint];
    const always = ['run', project.path, '--engine', row.engine, '--experiment-name', `faults ${row.name}`];
    return [...always, ...entryPoint, ...parameters, ...(row.options ?? []), ...more];
  }

  launch(...more: readonly string[]): RunningSlipway {
    return this.start(...this.launchWords(...more));
  }

  /** The first launch. */
  get launcher(): RunningSlipway {
    const [first] = this.launches;
    if (first === undefined) throw new Error('nothing has been launched');
    return first;
  }

  /** Folders of all runs so far, those that were deleted meanwhile included. */
  runDirectories(): string[] {
    const runs = join(this.storage, 'runs');
    for (const name of existsSync(runs) ? readdirSync(runs) : []) this.#known.add(join(runs, name));
    return [...this.#known].sort();
  }

  /** The folder of the only run, or of that of a launch, as soon as it is there with its plan. */
  runDirectory(launch: RunningSlipway | null = null): Promise<string> {
    return this.eventually('a run folder', () => {
      const { stderr = '' } = launch?.output() ?? {};
      const runId = /\((\d{8}-\d{6}-[0-9a-z]{4})\)/.exec(stderr)?.[1];
      if (launch !== null && runId === undefined) return undefined;
      return this.runDirectories().find(
        (directory) =>
          (runId === undefined || basename(directory) === runId) && existsSync(join(directory, 'plan.json')),
      );
    });
  }

  /** Keeps what a run's folder holds that a row deletes, wherever it lies now. */
  keep(directory: string, place: string): void {
    cpSync(place, this.#keptFolder(directory), { recursive: true });
  }

  /** Where the folder of a run lies, or a copy of it where the row has deleted it. */
  keptOf(directory: string): string {
    const kept = this.#keptFolder(directory);
    return existsSync(kept) ? kept : directory;
  }

  eventsOf(directory: string): string {
    return join(this.keptOf(directory), 'events');
  }

  #keptFolder(directory: string): string {
    return this.folder.join('kept', basename(directory));
  }

  /** Waits until the run log of the only run, or of that of a launch, holds so many values. */
  async written(count: number, launch: RunningSlipway | null = null): Promise<void> {
    const directory = await this.runDirectory(launch);
    await this.eventually(`${count} values in the run log`, () => this.writtenIn(directory) >= count || undefined);
  }

  /** How many values the program of a run has written so far. */
  writtenIn(directory: string): number {
    const file = join(directory, 'events', 'program.ndjson');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return text.split('"type":"metric"').length - 1;
  }

  /** Waits until the server has so many values of the only run. */
  async arrived(count: number): Promise<void> {
    const runId = basename(await this.runDirectory());
    await this.eventually(`${count} values on the server`, async () => {
      const [run] = await runsOfId(this.client, runId);
      if (run === undefined) return undefined;
      const values = await valuesOnServer(this.client, run);
      return values.size >= count ? true : undefined;
    });
  }

  /** Waits until the journal of the agent of the only run, or of that of a launch, holds a text. */
  async journal(text: string, launch: RunningSlipway | null = null): Promise<void> {
    const file = join(await this.runDirectory(launch), 'logs', 'agent.log');
    await this.eventually(`${text} in ${file}`, () =>
      existsSync(file) && readFileSync(file, 'utf8').includes(text) ? true : undefined,
    );
  }

  /** Looks until there is something, or the row's patience is over. */
  async eventually<Value>(what: string, look: () => Value | undefined | Promise<Value | undefined>): Promise<Value> {
    for (;;) {
      const value = await look();
      if (value !== undefined) return value;
      if (this.#isOver) throw new Error(`waited in vain for ${what}`);
      await delay(pollMs);
    }
  }

  #isOver = false;

  /** Ends all waiting: the row's patience is over. */
  giveUp(): void {
    this.#isOver = true;
  }

  /** What a server forgets that is started on an empty database; only where it is the row's own. */
  async emptyServer(): Promise<void> {
    if (this.row.ownServer !== true) throw new Error('the server belongs to other rows, too');
    for (const name of ['mlflow.db', 'mlflow.db-wal', 'mlflow.db-shm', 'artifacts'])
      await rm(join(this.server.directory, name), { recursive: true, force: true });
  }

  agents(): number[] {
    return this.runDirectories().flatMap(agentProcesses);
  }

  /** The container of the only run. */
  async container(): Promise<string> {
    const runId = basename(await this.runDirectory());
    return this.eventually('a container', () => {
      const words = ['ps', '--quiet', '--no-trunc', '--filter', `label=slipway.run=${runId}`];
      return docker(words, this.environment.DOCKER_HOST) || undefined;
    });
  }

  /** Resolves when all that was launched has ended, and no agent is left. */
  async settled(): Promise<SlipwayEnd[]> {
    const ends: (SlipwayEnd | undefined)[] = this.launches.map(() => undefined);
    this.launches.forEach((launch, index) => {
      void launch.ended.then((end) => {
        ends[index] = end;
      });
    });
    await this.eventually('the end of every launcher and agent', () =>
      ends.every((end) => end !== undefined) && this.agents().length === 0 ? true : undefined,
    );
    return ends as SlipwayEnd[];
  }

  /** All that was told so far, of every launch. */
  told(): string {
    return this.launches.map((launch) => launch.output().stderr + launch.output().stdout).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.giveUp();
    for (const { child } of this.launches) child.kill('SIGKILL');
    for (const pid of processesWith(this.folder.path)) kill(pid);
    if (this.row.engine === 'docker')
      for (const directory of this.runDirectories()) this.#removeContainers(basename(directory));
    for (const cleanup of this.cleanups.toReversed()) await cleanup();
    await this.client.close();
    await this.proxy[Symbol.asyncDispose]();
    await this.folder.remove();
  }

  #removeContainers(runId: string): void {
    const host = this.environment.DOCKER_HOST;
    try {
      const ids = docker(['ps', '--all', '--quiet', '--filter', `label=slipway.run=${runId}`], host);
      for (const id of ids.split('\n').filter(Boolean)) docker(['rm', '--force', id], host);
    } catch {
      // An engine of the row's own has been ended, and its containers with it.
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
