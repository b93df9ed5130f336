import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../../src/report/text-width.ts';
import { finished, type ProbeOptions, probe } from './fake-stream.ts';

const next = () => ({ command: 'bin/slipway runs --storage /data/of/everyone', purpose: 'compare it' });

function summary(options: ProbeOptions): string[] {
  const reporter = probe({ mode: 'terminal', nextStep: next, ...options });
  reporter.send({ type: 'result', result: finished });
  reporter.close();
  return reporter.stdout.text.trimEnd().split('\n').slice(1);
}

describe('the end of a run', () => {
  it('is short with hyperlinks: each text leads to its page, and no address is written out', () => {
    const lines = summary({ columns: 60, hyperlinks: true });
    const text = lines.join('\n');
    expect(text).toContain(`\u001b]8;;${finished.url}\u001b\\brave-otter\u001b]8;;\u001b\\`);
    expect(text).toContain(`\u001b]8;;${finished.chartsUrl}\u001b\\charts\u001b]8;;\u001b\\`);
    expect(text).toContain(`\u001b]8;;${finished.models[0]!.url}\u001b\\malaria version 3`);
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(60);
  });

  it.each([60, 200])('has whole addresses on %i columns where there are no hyperlinks', (columns) => {
    const text = summary({ columns }).join('\n');
    for (const address of [finished.url, finished.runsUrl, finished.chartsUrl, finished.models[0]!.url]) {
      expect(text).toMatch(new RegExp(`(^| )${address!.replaceAll(/[?.]/g, '\\$&')}$`, 'm'));
    }
  });

  it('ends with the next command, beside what it is for or below it, and without it when it is quiet', () => {
    expect(summary({ columns: 100 }).at(-1)).toBe(
      '  next    bin/slipway runs --storage /data/of/everyone  # compare it',
    );
    expect(summary({ columns: 60 }).slice(-2)).toEqual([
      '  next    # compare it',
      '          bin/slipway runs --storage /data/of/everyone',
    ]);
    expect(summary({ verbosity: 'quiet' }).join('\n')).not.toContain('next');
  });

  it('says of a run that has diverged that it has, and does not call it good', () => {
    const reporter = probe({ mode: 'terminal', color: true });
    reporter.send({ type: 'result', result: { ...finished, diverged: 'epoch 3: loss is NaN' } });
    reporter.close();
    const [first, second] = reporter.stdout.text.trimStart().split('\n');
    expect(first).toContain('\u001b[33m');
    expect(first).not.toContain('\u001b[32m');
    expect(stripVTControlCharacters(second ?? '')).toBe('  warning diverged in epoch 3: loss is NaN');
  });

  it('takes the result of an older version, which knows no steps and no pages of models', () => {
    const { steps: _, ...older } = finished.primaryMetric!;
    const reporter = probe({ mode: 'terminal' });
    const result = { ...finished, primaryMetric: older, models: [{ name: 'malaria', version: '3' }] };
    reporter.send({ type: 'result', result });
    reporter.close();
    expect(reporter.stdout.text).toContain('best 0.2500 (step 3)');
    expect(reporter.stdout.text).toContain('  model   malaria version 3\n');
  });
});
