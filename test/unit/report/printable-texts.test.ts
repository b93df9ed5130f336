import { describe, expect, it } from 'vitest';
import type { LaunchEventBody } from '../../../src/events.ts';
import { withPrintableTexts } from '../../../src/report/printable-texts.ts';
import { finished, type ProbeOptions, probe } from './fake-stream.ts';

/** Gives the terminal another title and clears it. */
const steering = '\u001b]0;owned\u0007\u001b[2J\u009b2J';
const url = 'http://localhost:5000/#/experiments/1/runs/abc';

const events: readonly LaunchEventBody[] = [
  { type: 'step-started', id: 'image', title: `image${steering}` },
  { type: 'step-progress', id: 'image', text: `npm${steering}`, line: `npm ci${steering}` },
  { type: 'step-finished', id: 'image', title: `image${steering}`, durationMs: 5 },
  { type: 'step-failed', id: 'image', title: `image${steering}`, durationMs: 5 },
  { type: 'notice', text: `one${steering}\ntwo` },
  {
    type: 'registered',
    mlflowRunId: 'abc',
    experimentId: '1',
    runName: `otter${steering}`,
    url,
    runsUrl: url,
    chartsUrl: url,
  },
  { type: 'output', stream: 'stdout', line: `said${steering}` },
  { type: 'metric', key: `loss${steering}`, value: 1, step: 1 },
  { type: 'progress', stage: `stage${steering}`, done: 1, total: 2, unit: `images${steering}` },
  { type: 'model', name: `cells${steering}`, version: `3${steering}`, modelId: null },
  { type: 'failure', message: `failed${steering}`, hint: `\`slipway${steering} doctor\`` },
  {
    type: 'result',
    result: {
      ...finished,
      runName: `otter${steering}`,
      reason: `why${steering}\n  the rest${steering}`,
      image: `image${steering}`,
      runDirectory: `/storage${steering}`,
      metrics: { [`loss${steering}`]: 1 },
      primaryMetric: { key: `loss${steering}`, values: [1, 2] },
      models: [{ name: `cells${steering}`, version: '3', url: `http://models${steering}` }],
    },
  },
];

describe('what names and values hold', () => {
  it.each<ProbeOptions>([
    { mode: 'plain' },
    { mode: 'terminal' },
    { mode: 'terminal', hyperlinks: true },
    { mode: 'plain', verbosity: 'verbose' },
  ])('steers no terminal: %j', (options) => {
    const reporter = probe(options);
    reporter.send(...events);
    reporter.close();
    const text = reporter.stdout.text + reporter.stderr.text;
    expect(text).toMatch(/otter/);
    expect(text).not.toMatch(/owned|\u0007|\u001b\[2J|\u009b/);
  });

  it('stands on one line, but for what is told in lines', () => {
    const value = { runName: 'a\n b', reason: 'one\ntwo', values: [1, null, true, 'c\td'] };
    expect(withPrintableTexts(value)).toEqual({
      runName: 'a b',
      reason: 'one\ntwo',
      values: [1, null, true, 'c    d'],
    });
  });
});
