import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  knownStorages,
  rememberStorage,
  storagesRecord,
  storagesToSearch,
} from '../../../src/machine/known-storages.ts';
import { temporaryDirectory } from '../../support/index.ts';

it('lies where the base directory specification says', () => {
  expect(storagesRecord({ XDG_STATE_HOME: '/state' })).toBe('/state/slipway/storages.json');
  expect(storagesRecord({ XDG_STATE_HOME: 'relative', HOME: '/home/me' })).toBe(
    '/home/me/.local/state/slipway/storages.json',
  );
});

it('keeps each storage once, by its real path, also of many launches at once', async () => {
  await using folder = await temporaryDirectory();
  const environment = { XDG_STATE_HOME: folder.join('state') };
  const storages = Array.from({ length: 8 }, (_, index) => folder.join(`storage-${index}`));
  for (const storage of storages) mkdirSync(storage);
  symlinkSync(storages[0]!, folder.join('link'));
  await Promise.all([...storages, ...storages, folder.join('link')].map((each) => rememberStorage(each, environment)));
  expect((await knownStorages(environment)).toSorted()).toEqual(storages);
});

it('passes over a storage that is gone, and names the one that is meant first', async () => {
  await using folder = await temporaryDirectory();
  const environment = { XDG_STATE_HOME: folder.join('state') };
  const [one, two] = [folder.join('one'), folder.join('two')];
  for (const storage of [one, two]) {
    mkdirSync(storage);
    await rememberStorage(storage, environment);
  }
  expect(await storagesToSearch(one, { isOnly: false, environment })).toEqual([one, two]);
  expect(await storagesToSearch(one, { isOnly: true, environment })).toEqual([one]);
  rmSync(two, { recursive: true });
  expect(await storagesToSearch(folder.join('missing'), { isOnly: false, environment })).toEqual([one]);
});

it('never fails a launch: a damaged record is begun anew, one that cannot be written is left', async () => {
  await using folder = await temporaryDirectory();
  const environment = { XDG_STATE_HOME: folder.join('state') };
  mkdirSync(folder.join('state', 'slipway'), { recursive: true });
  const file = folder.join('state', 'slipway', 'storages.json');
  writeFileSync(file, '{"version":1,"storages":[');
  expect(await knownStorages(environment)).toEqual([]);
  await rememberStorage(folder.path, environment);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ version: 1, storages: [folder.path] });
  writeFileSync(folder.join('blocked'), '');
  await rememberStorage(folder.path, { XDG_STATE_HOME: folder.join('blocked') });
  await rememberStorage(folder.join('missing'), environment);
});
