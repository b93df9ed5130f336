import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { testBaseImage } from '../../support/base-image.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.ts';
import { processesWith } from './leftovers.ts';

const run = promisify(execFile);
const startTimeoutMs = 60_000;

/** Why no engine of a row's own can be had here, or null. */
export async function cannotStartEngine(): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'only root can start a Docker engine of its own';
  return run('unshare', ['--net', 'dockerd', '--version']).then(
    () => null,
    () => 'there is no dockerd, or no network of its own, to start an engine of its own with',
  );
}

/** A Docker engine that a row may break: with a socket, a data root and containers that are nobody else's. */
export class PrivateEngine implements AsyncDisposable {
  readonly #folder: TemporaryDirectory;
  readonly #liveRestore: boolean;
  #daemon: ChildProcess | null = null;

  private constructor(folder: TemporaryDirectory, liveRestore: boolean) {
    this.#folder = folder;
    this.#liveRestore = liveRestore;
  }

  /** Starts one that has the tests' base image. */
  static async open({ liveRestore }: { readonly liveRestore: boolean }): Promise<PrivateEngine> {
    const engine = new PrivateEngine(await temporaryDirectory('slipway-engine-'), liveRestore);
    await engine.start();
    const archive = engine.#folder.join('base.tar');
    await run('docker', ['save', '--output', archive, await testBaseImage()]);
    await engine.docker('load', '--input', archive);
    return engine;
  }

  /** As in DOCKER_HOST. */
  get host(): string {
    return `unix://${this.#folder.join('docker.sock')}`;
  }

  async docker(...words: readonly string[]): Promise<string> {
    const { stdout } = await run('docker', ['--host', this.host, ...words]);
    return stdout.trim();
  }

  async start(): Promise<void> {
    mkdirSync(this.#folder.join('data'), { recursive: true });
    const log = openSync(this.#folder.join('log'), 'a');
    const places = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${this.#folder.join(name)}`);
    const alone = ['--bridge=none', '--iptables=false', '--ip-masq=false', `--live-restore=${this.#liveRestore}`];
    // In a network of its own: an engine that is told to have no bridge deletes `docker0`, whosesoever it is.
    this.#daemon = spawn('unshare', ['--net', 'dockerd', `--host=${this.host}`, ...places, ...alone], {
      stdio: ['ignore', log, log],
    });
    const deadlineMs = Date.now() + startTimeoutMs;
    for (;;) {
      const answers = await this.docker('version').catch(() => null);
      if (answers !== null) return;
      if (Date.now() > deadlineMs) throw new Error(`the engine at ${this.host} does not answer`);
      await delay(200);
    }
  }

  /** Ends it as a service manager does, or by force. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = null;
    if (daemon === null) return;
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon !== null) {
      const ids = await this.docker('ps', '--all', '--quiet').catch(() => '');
      for (const id of ids.split('\n').filter(Boolean)) await this.docker('rm', '--force', id).catch(() => '');
    }
    await this.end('SIGTERM');
    // The daemon that was killed has left its own helper, and containers that it would have kept alive.
    for (const pid of processesWith(this.#folder.path)) process.kill(pid, 'SIGKILL');
    await delay(500);
    const { stdout } = await run('findmnt', ['--raw', '--noheadings', '--output', 'TARGET']);
    for (const target of stdout.split('\n').filter((path) => path.startsWith(this.#folder.path)))
      await run('umount', ['--lazy', target]).catch(() => undefined);
    await this.#folder.remove();
  }
}
