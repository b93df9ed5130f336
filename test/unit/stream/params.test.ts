import { expect, it } from 'vitest';
import { ParamRules } from '../../../src/stream/params.ts';

it.each([
  ['5', { kind: 'send' }, {}],
  ['5', { kind: 'drop' }, { layers: '5' }],
  ['5.0', { kind: 'drop' }, { layers: '5' }],
  ['1e-3', { kind: 'drop' }, { layers: '0.001' }],
  [' 5', { kind: 'drop' }, { layers: '5' }],
  ['6', { kind: 'conflict', tag: 'slipway.param_conflict.layers' }, { layers: '5' }],
  ['', { kind: 'conflict', tag: 'slipway.param_conflict.layers' }, { layers: '0' }],
  ['0', { kind: 'conflict', tag: 'slipway.param_conflict.layers' }, { layers: '' }],
  ['nan', { kind: 'conflict', tag: 'slipway.param_conflict.layers' }, { layers: 'NaN' }],
])('the param layers=%j becomes %j beside %j', (value, decision, known) => {
  expect(new ParamRules(known).decide('layers', value)).toEqual(decision);
});

it('keeps a conflict tag within the length of a key', () => {
  const key = 'k'.repeat(250);
  const decision = new ParamRules({ [key]: '1' }).decide(key, '2');
  expect(decision.kind === 'conflict' && decision.tag.length).toBe(250);
});

it('takes over what the server has', () => {
  const rules = new ParamRules({ epochs: '3' });
  rules.learn({ layers: '5', epochs: '4' });
  expect(rules.known).toEqual({ epochs: '4', layers: '5' });
});
