import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { pythonPath } from './python.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

export interface MlflowOptions {
  /** `newest` by default; `oldest` is the last of MLflow 2. */
  readonly release?: 'newest' | 'oldest';
  /** Basic auth; `true` for an administrator called `admin` with a password of the tests' own. */
  readonly auth?: boolean | { readonly username: string; readonly password: string };
  /** Serves everything below this path, as `/mlflow`. */
  readonly staticPrefix?: string;
  readonly extraArguments?: readonly string[];
  readonly extraEnvironment?: Readonly<Record<string, string>>;
}

/** A real MLflow server with a SQLite database and artifacts of its own in a temporary folder. */
export interface MlflowServer extends AsyncDisposable {
  /** With the static prefix, without a login. */
  readonly uri: string;
  readonly port: number;
  /** The administrator, where the server asks for a login. */
  readonly login: { readonly username: string; readonly password: string } | null;
  /** The server's folder: `mlflow.db`, `artifacts/`, `server.log`. */
  readonly directory: string;
  /** Process id of the group's leader. */
  readonly pid: number;
  /** Ends all processes of the server politely; the data stay for `restart` until the server is disposed of. */
  stop(): Promise<void>;
  /** Ends all processes of the server with SIGKILL. */
  kill(): Promise<void>;
  /** Starts the server again, at the same port with the same data. */
  restart(): Promise<void>;
}

/** Starts a server and waits until it answers. Skips the test where Python is missing. */
export async function startMlflow(options: MlflowOptions = {}): Promise<MlflowServer> {
  const python = await pythonPath(options.release);
  const directory = await temporaryDirectory('slipway-mlflow-');
  const port = await freePort();
  const login = loginOf(options);
  const prefix = options.staticPrefix ?? '';
  const uri = `http://127.0.0.1:${port}${prefix}`;
  if (login) await writeFile(directory.join('auth.ini'), authConfiguration(login, directory));
  let server: ChildProcess | undefined;

  const start = async () => {
    server = spawnServer(python, port, directory, options);
    await waitUntilHealthy(uri, server, directory);
  };
  const end = async (signalName: 'SIGTERM' | 'SIGKILL') => {
    if (server) await endGroup(server, signalName);
    server = undefined;
  };
  const dispose = async () => {
    await end('SIGKILL');
    await directory.remove();
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    uri,
    port,
    login,
    directory: directory.path,
    get pid() {
      return server?.pid ?? 0;
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      await start();
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function loginOf({ auth }: MlflowOptions): MlflowServer['login'] {
  if (!auth) return null;
  return auth === true ? { username: 'admin', password: 'correct-horse-battery' } : auth;
}

function authConfiguration(login: { username: string; password: string }, directory: TemporaryDirectory): string {
  return `[mlflow]
default_permission = READ
database_uri = sqlite:///${directory.join('auth.db')}
admin_username = ${login.username}
admin_password = ${login.password}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
`;
}

function spawnServer(
  python: string,
  port: number,
  directory: TemporaryDirectory,
  options: MlflowOptions,
): ChildProcess {
  const log = openSync(directory.join('server.log'), 'a');
  const child = spawn(
    python,
    [
      ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${directory.join('mlflow.db')}`],
      ...['--artifacts-destination', directory.join('artifacts')],
      ...(options.auth ? ['--app-name', 'basic-auth'] : []),
      ...(options.staticPrefix ? ['--static-prefix', options.staticPrefix] : []),
      ...(options.extraArguments ?? []),
    ],
    {
      cwd: directory.path,
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        // The server reads the file wherever the variable is set, also without --app-name.
        ...(options.auth
          ? { MLFLOW_AUTH_CONFIG_PATH: directory.join('auth.ini'), MLFLOW_FLASK_SERVER_SECRET_KEY: 'only for tests' }
          : {}),
        ...options.extraEnvironment,
      },
    },
  );
  // A test process that ends without disposing must not leave its server behind.
  const onExit = () => signalGroup(child, 'SIGKILL');
  process.once('exit', onExit);
  child.once('exit', () => process.off('exit', onExit));
  return child;
}

async function waitUntilHealthy(uri: string, server: ChildProcess, directory: TemporaryDirectory): Promise<void> {
  const deadlineMs = Date.now() + 120_000;
  const ended = once(server, 'exit');
  for (;;) {
    const answer = await fetch(`${uri}/health`).catch(() => null);
    if (answer?.ok) return;
    const over = await Promise.race([ended.then(() => 'ended'), delay(100)]);
    if (over === 'ended' || Date.now() > deadlineMs) {
      const log = readFileSync(directory.join('server.log'), 'utf8').split('\n').slice(-20).join('\n');
      throw new Error(`the MLflow server ${over === 'ended' ? 'ended' : 'did not answer in 120 s'}:\n${log}`);
    }
  }
}

async function endGroup(server: ChildProcess, signalName: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const alive = server.exitCode === null && server.signalCode === null;
  const ended = alive ? once(server, 'exit') : Promise.resolve();
  signalGroup(server, signalName);
  const polite = await Promise.race([ended.then(() => true), delay(15_000, false, { ref: false })]);
  // Workers outlive their leader now and then.
  signalGroup(server, 'SIGKILL');
  if (!polite) await ended;
}

/** Signals every process of the server; fine where all have ended. */
function signalGroup(server: ChildProcess, signalName: 'SIGTERM' | 'SIGKILL'): void {
  if (server.pid === undefined) return;
  try {
    process.kill(-server.pid, signalName);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
