import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hasEarlierRuns } from '../../../src/runs/earlier-runs.ts';
import { temporaryDirectory } from '../../support/index.ts';

const own = { trackingUri: 'http://a', experimentId: '2', mlflowRunId: 'r2' };

it.each([
  ['no other run', null, false],
  ['one of the same experiment', { ...own, mlflowRunId: 'r1' }, true],
  ['one of another experiment', { ...own, experimentId: '1' }, false],
  ['one of an experiment of another server', { ...own, trackingUri: 'http://b' }, false],
  ['one that is on no server', { ...own, mlflowRunId: null }, false],
  ['one whose state is damaged', '{"trackingUri', false],
])('beside %s', async (_what, other, expected) => {
  await using storage = await temporaryDirectory();
  const names = ['20261121-000001-aaaa', '20261121-000002-aaaa', '20261121-000003-aaaa'];
  const [before, run, after] = names.map((name) => storage.join('runs', name));
  for (const directory of [before, run, after]) mkdirSync(directory!, { recursive: true });
  writeFileSync(`${run}/state.json`, JSON.stringify(own));
  writeFileSync(`${after}/state.json`, JSON.stringify({ ...own, mlflowRunId: 'r3' }));
  if (other !== null) writeFileSync(`${before}/state.json`, typeof other === 'string' ? other : JSON.stringify(other));
  expect(hasEarlierRuns(run!)).toBe(expected);
});
