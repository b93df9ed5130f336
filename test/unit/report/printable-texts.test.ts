import { describe, expect, it } from 'vitest';
import type { LaunchEventBody } from '../../../src/events.ts';
import { withPrintableTexts } from '../../../src/report/printable-texts.ts';
import { finished, type ProbeOptions, probe } from './fake-stream.ts';

/** Gives the terminal another title and clears it. */
const controls = '\u001b]0;owned\u0007\u001b[2J\u009b2J';
const url = 'http://localhost:5000/#/experiments/1/runs/abc';

const events: readonly LaunchEventBody[] = [
  { type: 'step-started', id: 'image', title: `image${controls}` },
  { type: 'step-progress', id: 'image', text: `npm${controls}`, line: `npm ci${controls}` },
  { type: 'step-finished', id: 'image', title: `image${controls}`, durationMs: 5 },
  { type: 'step-failed', id: 'image', title: `image${controls}`, durationMs: 5 },
  { type: 'notice', text: `one${controls}\ntwo` },
  {
    type: 'registered',
    mlflowRunId: 'abc',
    experimentId: '1',
    runName: `otter${controls}`,
    url,
    runsUrl: url,
    chartsUrl: url,
  },
  { type: 'output', stream: 'stdout', line: `said${controls}` },
  { type: 'metric', key: `loss${controls}`, value: 1, step: 1 },
  { type: 'progress', stage: `stage${controls}`, done: 1, total: 2, unit: `images${controls}` },
  { type: 'model', name: `cells${controls}`, version: `3${controls}`, modelId: null },
  { type: 'failure', message: `failed${controls}`, hint: `\`slipway${controls} doctor\`` },
  {
    type: 'result',
    result: {
      ...finished,
      runName: `otter${controls}`,
      reason: `why${controls}\n  the rest${controls}`,
      image: `image${controls}`,
      runDirectory: `/storage${controls}`,
      metrics: { [`loss${controls}`]: 1 },
      primaryMetric: { key: `loss${controls}`, values: [1, 2] },
      models: [{ name: `cells${controls}`, version: '3', url: `http://models${controls}` }],
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
