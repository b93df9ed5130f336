import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CannotWriteError, UsageError } from '../../../src/errors.ts';
import { chooseStorage, previewStorage } from '../../../src/launch/storage.ts';
import { withUmask } from '../../../src/util/with-umask.ts';
import { temporaryDirectory } from '../../support/index.ts';

test('a named folder comes before the variable, and is made where it is missing', async () => {
  await using folder = await temporaryDirectory();
  const named = join(folder.path, 'a', 'b');
  expect(chooseStorage(named, { SLIPWAY_STORAGE: folder.path }, '/nowhere')).toBe(named);
  expect(existsSync(named)).toBe(true);
});

test('the variable comes before the defaults', async () => {
  await using folder = await temporaryDirectory();
  expect(chooseStorage(null, { SLIPWAY_STORAGE: folder.path }, '/nowhere')).toBe(folder.path);
});

test('a file in the place of the folder is one clear sentence', async () => {
  await using folder = await temporaryDirectory();
  const file = join(folder.path, 'file');
  writeFileSync(file, '');
  expect(() => chooseStorage(file, {}, '/nowhere')).toThrow(UsageError);
  expect(() => chooseStorage(file, {}, '/nowhere')).toThrow('is not a folder');
});

test('a place where no folder can be made is told with exit code 73, and does not hang', () => {
  expect(() => chooseStorage('/proc/slipway/deep', {}, '/nowhere')).toThrow(CannotWriteError);
});

test('a preview finds the same folder and makes none; a file in its place is the same error', async () => {
  await using folder = await temporaryDirectory();
  const named = join(folder.path, 'a', 'b');
  expect(previewStorage(named, {}, '/nowhere')).toBe(named);
  expect(existsSync(join(folder.path, 'a'))).toBe(false);
  writeFileSync(join(folder.path, 'file'), '');
  expect(() => previewStorage(join(folder.path, 'file'), {}, '/nowhere')).toThrow('is not a folder');
});

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

test("in a group's folder what is shared is the group's to write, whatever the umask; the sticky bit keeps the server out", async () => {
  await using folder = await temporaryDirectory();
  chmodSync(folder.path, 0o3775);
  withUmask(0o077, () => mkdirSync(folder.join('runs')));
  withUmask(0o077, () => chooseStorage(folder.path, {}, '/nowhere'));
  for (const name of ['runs', 'cache', 'cache/projects', 'cache/features'])
    expect(modeOf(folder.join(name))).toBe('3775');
  for (const name of ['mlflow', 'mlflow/artifacts']) expect(modeOf(folder.join(name))).toBe('2775');
});

test("in a folder of one's own nothing is shared, and a preview makes nothing anywhere", async () => {
  await using folder = await temporaryDirectory();
  chmodSync(folder.path, 0o775);
  chooseStorage(folder.path, {}, '/nowhere');
  expect(existsSync(folder.join('runs'))).toBe(false);
  chmodSync(folder.path, 0o2775);
  previewStorage(folder.path, {}, '/nowhere');
  expect(existsSync(folder.join('runs'))).toBe(false);
});
