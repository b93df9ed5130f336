import { findBrowser } from './find-browser.ts';
import { installPackages } from './install-packages.ts';

/**
 * vitest's global set-up: gets a Chromium where there is none and the system can give one, as root on a Debian-like
 * system. Without one the tests that look at pages are skipped.
 */
export async function setup(): Promise<void> {
  if (findBrowser() !== null || process.getuid?.() !== 0) return;
  const startedAtMs = Date.now();
  try {
    await installPackages('chromium', 'fonts-dejavu-core');
    process.stderr.write(`installed Chromium in ${Math.round((Date.now() - startedAtMs) / 1000)} s\n`);
  } catch (error) {
    process.stderr.write(`Chromium could not be installed for the tests: ${String(error).split('\n', 1)[0]}\n`);
  }
}
