import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { skipWithout } from './skip.ts';

const checkout = resolve(import.meta.dirname, '../..');

/**
 * The folder of real data sets, or of the named one: `SLIPWAY_TEST_DATA`, else `../shared/data` beside the checkout.
 * Null where there is none.
 */
export function dataDirectory(name = ''): string | null {
  const root = process.env.SLIPWAY_TEST_DATA || resolve(checkout, '../shared/data');
  const directory = join(root, name);
  return existsSync(directory) ? directory : null;
}

/** The folder of a real data set; skips the test where it is missing. */
export function requireData(name: string): string {
  return skipWithout(
    dataDirectory(name),
    `the data set "${name}" is not here (SLIPWAY_TEST_DATA names the folder of data sets)`,
  );
}
