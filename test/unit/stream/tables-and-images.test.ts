import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LogEntry } from '../../../src/runlog/index.ts';
import { checkTable, imagePaths, tablePath } from '../../../src/stream/tables-and-images.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-table-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it.each([
  ['{"columns":["a"],"data":[[1],["x"]]}', null],
  ['{"columns":[],"data":[]}', null],
  ['{"columns":["a"]}', /not of the form/],
  ['[{"a":1}]', /not of the form/],
  ['a,b', /no JSON file/],
])('takes the table %s: %s', async (text, problem) => {
  const file = join(directory, 'table.json');
  writeFileSync(file, text);
  if (problem === null) await checkTable(file);
  else await expect(checkTable(file)).rejects.toThrow(problem);
});

it('names tables and pictures as MLflow does, the same for the same event', () => {
  expect(tablePath('predictions')).toBe('predictions.json');
  expect(tablePath('a/b.json')).toBe('a/b.json');
  const image = { key: 'confusion/test', step: 3, time_ms: 1000, path: 'artifacts/c.jpeg' };
  const entry = (offset: number): LogEntry => ({
    writer: 'trainer',
    offset,
    end: offset + 1,
    event: { v: 1, type: 'image', ...image },
  });
  const names = imagePaths(image, entry(5));
  expect(names.full).toMatch(
    /^images\/confusion~test\+step\+3\+timestamp\+1000\+[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\.jpeg$/,
  );
  expect(names.shown).toBe(names.full.replace('.jpeg', '+compressed.webp'));
  expect(imagePaths(image, entry(5))).toEqual(names);
  expect(imagePaths(image, entry(6))).not.toEqual(names);
});
