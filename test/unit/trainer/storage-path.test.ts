import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asStoragePath, fromStoragePath } from '../../../trainer/storage-path.ts';
import { temporaryDirectory } from '../../support/index.ts';

describe('a path below the storage folder', () => {
  it('is recorded as people write it, and leads back to the file', async () => {
    await using storage = await temporaryDirectory();
    writeFileSync(storage.join('cells.zip'), '');
    expect(asStoragePath(storage.join('cells.zip'), storage.path)).toBe('/storage/cells.zip');
    expect(fromStoragePath('/storage/cells.zip', storage.path)).toBe(storage.join('cells.zip'));
    expect(asStoragePath(storage.join('sets', 'one'), storage.path)).toBe('/storage/sets/one');
    expect(asStoragePath('/storage/cells.zip', '/storage')).toBe('/storage/cells.zip');
  });

  it('that is missing is looked for in the storage folder', () => {
    expect(fromStoragePath('/storage/no-such-file.zip', '/home/ada/storage')).toBe(
      '/home/ada/storage/no-such-file.zip',
    );
  });
});

describe('every other path', () => {
  it('stays as it is', () => {
    for (const location of [
      'synthetic',
      'cells.zip',
      '/data/cells.zip',
      '/home/ada/storage-2/cells.zip',
      '/home/ada',
    ]) {
      expect(asStoragePath(location, '/home/ada/storage')).toBe(location);
      expect(fromStoragePath(location, '/home/ada/storage')).toBe(location);
    }
    expect(asStoragePath('/storage/cells.zip', null)).toBe('/storage/cells.zip');
    expect(fromStoragePath('/storage/cells.zip', null)).toBe('/storage/cells.zip');
  });
});
