import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Installs Debian packages without asking; only where these tests run as root on a Debian-like system. */
export async function installPackages(...packages: readonly string[]): Promise<void> {
  await run('apt-get', ['update', '-q'], { maxBuffer: 64 * 1024 * 1024 });
  await run('apt-get', ['install', '-qy', '--no-install-recommends', ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  });
}
