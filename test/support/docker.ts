import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { skip } from './skip.ts';

const run = promisify(execFile);

/** Skips the test where no Docker engine answers; returns the engine's version. */
export async function requireDocker(): Promise<string> {
  try {
    const { stdout } = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 20_000 });
    return stdout.trim();
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim() || String(error);
    skip(`no Docker engine answers: ${output.split('\n').at(-1)}`);
  }
}
