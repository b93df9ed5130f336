import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findBrowser } from './find-browser.ts';

const run = promisify(execFile);

/**
 * vitest's global set-up: gets a Chromium where there is none and the system can give one, as root on a Debian-like
 * system. Without one the tests that look at pages are skipped.
 */
export async function setup(): Promise<void> {
  if (findBrowser() !== null || process.getuid?.() !== 0) return;
  const startedAtMs = Date.now();
  try {
    await run('apt-get', ['update', '-q']);
    await run('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      maxBuffer: 64 * 1024 * 1024,
    });
    process.stderr.write(`installed Chromium in ${Math.round((Date.now() - startedAtMs) / 1000)} s\n`);
  } catch (error) {
    process.stderr.write(`Chromium could not be installed for the tests: ${String(error).split('\n', 1)[0]}\n`);
  }
}
