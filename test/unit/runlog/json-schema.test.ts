import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runLogJsonSchema } from '../../../src/runlog/index.ts';

it('keeps docs/run-log.schema.json current (vitest --update writes it)', async () => {
  const published = join(import.meta.dirname, '../../../docs/run-log.schema.json');
  await expect(`${JSON.stringify(runLogJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(published);
});
