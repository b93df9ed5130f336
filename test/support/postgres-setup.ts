import { appendFile } from 'node:fs/promises';
import { findPostgres } from './find-postgres.ts';
import { installPackages } from './install-packages.ts';

/**
 * vitest's global set-up: gets Postgres's programs where there are none and the system can give them, as root on a
 * Debian-like system, without a database of the system's own. Without them the tests of SQL are skipped.
 */
export async function setup(): Promise<void> {
  if ((await findPostgres()) !== null || process.getuid?.() !== 0) return;
  const startedAtMs = Date.now();
  try {
    await installPackages('postgresql-common');
    // Debian would make and start a database that nobody has asked for.
    await appendFile('/etc/postgresql-common/createcluster.conf', '\ncreate_main_cluster = false\n');
    await installPackages('postgresql');
    process.stderr.write(`installed Postgres in ${Math.round((Date.now() - startedAtMs) / 1000)} s\n`);
  } catch (error) {
    process.stderr.write(`Postgres could not be installed for the tests: ${String(error).split('\n', 1)[0]}\n`);
  }
}
