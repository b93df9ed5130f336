import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { faultRows } from '../../faults/rows.ts';

const checkout = resolve(import.meta.dirname, '../../..');
const page = readFileSync(resolve(checkout, 'docs/faults.md'), 'utf8');

it('docs/faults.md has every row with its promise, and no other', () => {
  const listed = page.split('\n').filter((line) => /^\| `[a-z0-9-]+` \|/.test(line));
  expect(listed).toEqual(
    faultRows.map(
      ({ name, fault, promise, isQuick }) => `| \`${name}\` | ${fault} | ${promise} | ${isQuick ? 'yes' : ''} |`,
    ),
  );
});

it('no two rows have one name', () => {
  const names = faultRows.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
