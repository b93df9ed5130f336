import { expect, it } from 'vitest';
import type { RunContext } from '../../../src/agent/run-context.ts';
import { freshRecord } from '../../../src/agent/run-context.ts';
import { serverOf } from '../../../src/agent/tracking.ts';
import type { RunPlan, RunRecord } from '../../../src/runs/index.ts';
import { examplePlan } from '../../support/example-plan.ts';

const planned = 'http://planned:5000';
const given = 'http://given:5000';

function run(tracking: Partial<RunPlan['tracking']>, record: Partial<RunRecord>, isSent: boolean): RunContext {
  const plan = examplePlan({ projectDirectory: '/p', storageDirectory: '/s' });
  const all = { plan: { ...plan, tracking: { ...plan.tracking, ...tracking } }, record: { ...freshRecord, ...record } };
  return { ...all, isSent } as unknown as RunContext;
}

const named = (uri: string, isOther: boolean) => ({ kind: 'named', uri, isOther });

it.each([
  ['at its launch is that of its plan', {}, {}, false, named(planned, false)],
  ['at its launch is the one of Slipway where the plan names none', { uri: null }, {}, false, { kind: 'embedded' }],
  ['is none with --offline', { offline: 'always' }, {}, false, { kind: 'none' }],
  ['to which it is sent later is the one that is named then', { offline: 'always' }, {}, true, named(given, true)],
  ['that may have it already stays its server', {}, { registering: true }, true, named(planned, false)],
  [
    'that it was sent to stays its server',
    {},
    { mlflowRunId: 'a', namedServer: 'http://b' },
    true,
    named('http://b', true),
  ],
  [
    'that it was sent to is none with --offline until it is sent',
    { offline: 'always' },
    { namedServer: 'http://b' },
    false,
    { kind: 'none' },
  ],
] as const)('the server of a run %s', (_, tracking, record, isSent, server) => {
  expect(serverOf(run({ uri: planned, ...tracking }, record, isSent), { MLFLOW_TRACKING_URI: given })).toEqual(server);
});

it('a run that is sent and no server is named goes to that of its plan', () => {
  expect(serverOf(run({ uri: planned, offline: 'always' }, {}, true), {})).toEqual(named(planned, false));
});
