import { describe, expect, it } from 'vitest';
import type { LaunchEvent, LaunchEventBody } from '../../../src/events.ts';
import { recentHistory } from '../../../src/launch/recent-history.ts';

const at = (timeMs: number, body: LaunchEventBody): LaunchEvent => ({ timeMs, ...body });
const line = (index: number): LaunchEvent => at(index, { type: 'output', stream: 'stdout', line: `line ${index}` });
const metric = (step: number): LaunchEvent => at(step, { type: 'metric', key: 'loss', value: 1, step });
const times = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

const texts = (events: readonly LaunchEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));

describe('the past of a run that somebody comes back to', () => {
  it('is whole where it is short', () => {
    const events = [...times(200).map(line), ...times(40).map(metric)];
    expect(recentHistory(events, 'id')).toEqual(events);
  });

  it('has the last lines of a long output, and says in their place where the others are', () => {
    const shown = recentHistory(times(1250).map(line), 'id');
    expect(texts(shown)).toEqual(['… 1,050 earlier lines of output: `slipway logs id`']);
    expect(shown.slice(1)).toEqual(times(1250).slice(-200).map(line));
  });

  it('has the last steps of many, each with all of its metrics', () => {
    const shown = recentHistory([...times(100).flatMap((step) => [metric(step), metric(step)])], 'id');
    expect(texts(shown)).toEqual(['… 60 earlier steps of the metrics: `slipway attach id --json`']);
    expect(shown.filter(({ type }) => type === 'metric')).toHaveLength(80);
  });

  it('says that there was more, and not how much, where not even all of the past was read', () => {
    const earlierSteps = '… earlier steps of the metrics: `slipway attach id --json`';
    const earlierLines = '… earlier lines of output: `slipway logs id`';
    const events = [...times(1250).map(line), ...times(100).map(metric)];
    expect(texts(recentHistory(events, 'id', { output: true, metrics: true }))).toEqual([earlierLines, earlierSteps]);
    const few = [line(1), line(2), metric(3), metric(4)];
    const shown = recentHistory(few, 'id', { output: true, metrics: true });
    expect(texts(shown)).toEqual([earlierLines, earlierSteps]);
    expect(shown.filter(({ type }) => type !== 'notice')).toEqual(few);
  });

  it('tells no news of a step that is over, and keeps warnings, states and the end wherever they are', () => {
    const kept = [
      at(1, { type: 'warning', text: 'careful' }),
      at(2, { type: 'step-started', id: 'a', title: 'image' }),
      at(4, { type: 'step-finished', id: 'a', title: 'image', durationMs: 1 }),
      at(5, { type: 'state', state: 'running' }),
      at(6, { type: 'step-started', id: 'b', title: 'sending' }),
      at(7, { type: 'step-progress', id: 'b', text: 'half' }),
    ];
    const news = at(3, { type: 'step-progress', id: 'a', text: 'step 3 of 9' });
    expect(recentHistory([...kept.slice(0, 2), news, ...kept.slice(2)], 'id')).toEqual(kept);
  });
});
