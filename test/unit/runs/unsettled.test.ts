import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createRunDirectory, listOpenRuns, listUnsettledRuns } from '../../../src/runs/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

it.each([
  ['a run that is going on', '{"state":"running","statusSent":false,"mlflowRunId":"r1"}', 1],
  [
    'a run that is over, and whose status is not on its server',
    '{"state":"failed","statusSent":false,"mlflowRunId":"r1"}',
    1,
  ],
  ['a run with a damaged state', '{"state":"fin', 1],
  ['a run without a state', null, 1],
  ['a run that is over and told to its server', '{"state":"killed","statusSent":true,"mlflowRunId":"r1"}', 0],
  ['a run that is over and has no server', '{"state":"finished","statusSent":false,"mlflowRunId":null}', 0],
])('%s', async (_title, state, count) => {
  await using storage = await temporaryDirectory();
  const run = await createRunDirectory(storage.path);
  if (state !== null) writeFileSync(run.state, state);
  const found = await listUnsettledRuns(storage.path);
  expect(found.map(({ runId }) => runId)).toEqual(count === 1 ? [run.runId] : []);
});

it.each([
  ['a run that was recorded offline', '{"state":"finished","offline":true,"mlflowRunId":null,"exitCode":0}', 1],
  ['one that failed offline', '{"state":"failed","offline":true,"mlflowRunId":null,"exitCode":3}', 1],
  ['one that was sent since', '{"state":"finished","statusSent":true,"mlflowRunId":"r1","exitCode":0}', 0],
  ['one that was deleted on its server', '{"state":"killed","deletedAtMs":1,"mlflowRunId":"r1","exitCode":143}', 0],
  ['one whose program never began', '{"state":"failed","mlflowRunId":null,"exitCode":null,"handle":null}', 0],
  ['one that is going on', '{"state":"running","offline":true,"mlflowRunId":null}', 1],
])('open, as something is to be done or sent, is or is not: %s', async (_title, state, count) => {
  await using storage = await temporaryDirectory();
  const run = await createRunDirectory(storage.path);
  writeFileSync(run.state, state);
  expect(await listOpenRuns(storage.path)).toHaveLength(count);
});
