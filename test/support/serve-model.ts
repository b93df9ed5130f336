import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { pythonPath } from './python.ts';

/** A real `mlflow models serve` of a model's folder. */
export interface ModelServer extends AsyncDisposable {
  /** Sends the body of a request, and gives what is answered. Throws what the server says where it is an error. */
  predict(body: string): Promise<unknown>;
}

/** Starts a model server, and waits until it answers. Skips the test where Python is missing. */
export async function serveModel(folder: string): Promise<ModelServer> {
  const python = await pythonPath();
  const port = await freePort();
  const log = `${folder}.serve.log`;
  const output = openSync(log, 'a');
  const words = ['-m', 'mlflow', 'models', 'serve', '-m', folder, '--env-manager', 'local', '--port', String(port)];
  const server = spawn(python, words, {
    // A group of its own: the server has processes of its own.
    detached: true,
    stdio: ['ignore', output, output],
    // As in an activated environment: mlflow looks for uvicorn there.
    env: {
      ...process.env,
      PATH: `${dirname(python)}:${process.env.PATH}`,
      TF_CPP_MIN_LOG_LEVEL: '3',
      CUDA_VISIBLE_DEVICES: '-1',
    },
  });
  const ended = once(server, 'exit');
  const end = async () => {
    if (server.exitCode === null && server.pid !== undefined) process.kill(-server.pid, 'SIGKILL');
    await ended;
  };
  const ask = (path: string, options: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, options);
  try {
    while (
      !(await ask('/ping').then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (server.exitCode !== null) throw new Error(`the model server ended:\n${readFileSync(log, 'utf8')}`);
      await delay(200);
    }
  } catch (error) {
    await end();
    throw error;
  }
  return {
    predict: async (body) => {
      const answer = await ask('/invocations', {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'application/json' },
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
      return JSON.parse(text);
    },
    [Symbol.asyncDispose]: end,
  };
}
