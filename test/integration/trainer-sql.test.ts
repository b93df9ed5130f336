import { readdir } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../src/errors.ts';
import { decodePng } from '../../trainer/data/png.ts';
import { sql } from '../../trainer/data/sources/sql.ts';
import { noisyPng, writeFiles } from '../support/cell-images.ts';
import { freePort, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { contentOf, openSource, refusalOf } from '../support/sources.ts';

let postgres: Postgres;
let folder: TemporaryDirectory;
const png = (at: number) => noisyPng(6, 1, 40, at);

beforeAll(async () => {
  folder = await temporaryDirectory();
  postgres = await startPostgres();
  await postgres.execute(
    [
      'CREATE TABLE cells (id int, picture bytea, path text, kind text, patient text, age float8, ill boolean, part text)',
    ],
    // More than are fetched at a time.
    ...Array.from({ length: 600 }, (_, at): [string, unknown[]] => [
      'INSERT INTO cells VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
      [
        at,
        png(at),
        `cells/${at}.png`,
        at % 3 ? 'sick' : 'well',
        `p${at % 7}`,
        at / 3,
        at % 2 === 0,
        at < 500 ? 'train' : 'test',
      ],
    ]),
  );
  await writeFiles(folder.path, Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`cells/${at}.png`, png(at)])));
});
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await folder?.remove();
});

/** Beside the query, of a table `cells`. */
function about(query: string) {
  return { query, label_column: 'kind', id_column: 'id' };
}

describe('a query of Postgres', () => {
  it('gives images that lie in the table, with their columns, and leaves nothing on disk', async () => {
    const parameters = about('SELECT id, picture, kind, patient, part, ill FROM cells ORDER BY id');
    await using source = await openSource(
      sql,
      { ...parameters, image_column: 'picture', group_column: 'patient', split_column: 'part' },
      { environment: postgres.environment, cacheDirectory: folder.join('cache') },
    );
    expect(source.classNames).toEqual(['sick', 'well']);
    expect(source.entries).toHaveLength(600);
    expect(source.entries[501]).toEqual({
      id: '501',
      label: 1,
      split: 'test',
      group: 'p4',
      weight: 1,
      columns: { ill: 'false' },
    });
    expect(await source.read(501)).toEqual(decodePng(png(501)));
    expect(await source.fingerprint(501)).toBe(crc32(png(501)));
    expect(await readdir(folder.join('cache'))).toEqual([]);
    expect(JSON.stringify([source.description, source.entries])).not.toContain(postgres.environment.PGPASSWORD);
  });

  it('gives numbers, whose digits are all there, and truth values', async () => {
    await using source = await openSource(sql, about('SELECT id, kind, age, ill FROM cells ORDER BY id LIMIT 5'), {
      environment: postgres.environment,
    });
    expect(await source.read(1)).toEqual({ pixels: Float32Array.of(1 / 3, 0), height: 1, width: 2, channels: 1 });
    expect((await source.read(2)).pixels).toEqual(Float32Array.of(2 / 3, 1));
  });

  it('gives images by their paths, equal to those in the table', async () => {
    const { PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD } = postgres.environment;
    await using named = await openSource(
      sql,
      {
        ...about('SELECT id, path, kind FROM cells ORDER BY id LIMIT 5'),
        address: `postgresql://${PGUSER}@${PGHOST}:${PGPORT}/${PGDATABASE}`,
        image_column: 'path',
        image_folder: folder.path,
      },
      { environment: { PGPASSWORD } },
    );
    await using held = await openSource(
      sql,
      { ...about('SELECT id, picture, kind FROM cells ORDER BY id LIMIT 5'), image_column: 'picture' },
      { environment: postgres.environment },
    );
    expect(await contentOf(named)).toEqual(await contentOf(held));
  });

  it('warns where its rows have no order', async () => {
    const warnings: string[] = [];
    const parameters = { query: 'SELECT age, kind FROM cells', label_column: 'kind' };
    const context = { environment: postgres.environment, warn: (text: string) => void warnings.push(text) };
    await using source = await openSource(sql, parameters, context);
    expect(source.entries).toHaveLength(600);
    expect(warnings).toEqual([expect.stringContaining('says no order')]);
  });
});

describe('a query that cannot be used', () => {
  const refused = (parameters: Parameters<typeof openSource<typeof sql.parameters>>[1]) =>
    refusalOf(sql, parameters, { environment: postgres.environment });

  it.each([
    ['fails', about('SELECT nothing FROM cells'), 'column "nothing" does not exist (at character 8).'],
    ['is no SQL', about('SELEC 1'), 'syntax error at or near "SELEC" (at character 1).'],
    ['fails on the way', about('SELECT id, kind, 1 / (id - 400) AS x FROM cells'), 'division by zero.'],
    ['changes something', about('DELETE FROM cells RETURNING *'), 'cannot execute DELETE in a read-only transaction.'],
    ['has no such column', about('SELECT id, age FROM cells'), 'has no column kind; its columns are id, age.'],
    [
      'has two columns of one name',
      about('SELECT id, kind, age, age AS kind FROM cells'),
      'has two columns of the name kind.',
    ],
    ['gives no row', about('SELECT * FROM cells WHERE id < 0'), 'gives no row.'],
    [
      'gives text for a number',
      about('SELECT id, kind, path FROM cells ORDER BY id'),
      "Row 1 of the query has 'cells/0.png' in column path; expected a number.",
    ],
  ])('is refused where it %s', async (_, parameters, message) => {
    expect(await refused(parameters)).toContain(message);
  });

  it('is refused where an image is none, and names the row', async () => {
    const query =
      "SELECT id, kind, CASE WHEN id = 3 THEN 'x'::bytea ELSE picture END AS picture FROM cells ORDER BY id LIMIT 9";
    expect(await refused({ ...about(query), image_column: 'picture' })).toBe(
      'The image of row 4 of the query is neither a PNG nor a JPEG.',
    );
  });

  it('is refused where an image is missing, or is not there, and names the row', async () => {
    const query = "SELECT id, kind, nullif(path, 'cells/2.png') AS path FROM cells ORDER BY id LIMIT 9";
    const parameters = { ...about(query), image_column: 'path', image_folder: folder.path };
    expect(await refused(parameters)).toBe('Row 3 of the query names no image.');
    expect(await refused({ ...parameters, query: query.replace('cells/2', 'none') })).toBe(
      `The image cells/5.png of row 6 of the query is not there: it is not in ${folder.path}.`,
    );
  });

  it('is refused where the address holds a password, which no message repeats', async () => {
    const message = await refused({ ...about('SELECT 1'), address: 'postgresql://me:hidden@localhost/db' });
    expect(message).toContain('Setting data_loader.address holds a password');
    expect(message).not.toContain('hidden');
  });

  it('says so where the password is wrong, and where no server is', async () => {
    const open = (environment: Record<string, string>) =>
      openSource(sql, about('SELECT 1'), { environment: { ...postgres.environment, ...environment } });
    const wrong = open({ PGPASSWORD: 'not the secret' });
    await expect(wrong).rejects.toThrow(UnavailableError);
    await expect(wrong).rejects.toThrow('password authentication failed for user "reader"');
    await expect(wrong).rejects.not.toThrow('not the secret');
    const port = String(await freePort());
    await expect(open({ PGPORT: port })).rejects.toThrow(`Postgres at 127.0.0.1:${port} cannot be used`);
  });

  it('ends with the training that asked for it', async () => {
    const controller = new AbortController();
    const opening = openSource(sql, about('SELECT id, kind, pg_sleep(600)::text FROM cells'), {
      environment: postgres.environment,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(new Error('enough')), 300);
    await expect(opening).rejects.toThrow('enough');
  });
});
