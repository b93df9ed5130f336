import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRunLog } from '../../../src/library/run-log.ts';
import type { RunLogEvent } from '../../../src/library/run-log-events.ts';
import { temporaryDirectory } from '../../support/index.ts';

const lines = [
  { type: 'metric', key: 'loss', value: 'NaN', step: 1, time_ms: 5, dataset: 'cells' },
  { type: 'param', key: 'epochs', value: '3' },
  { type: 'table', key: 'confusion', path: 'a.csv', step: 1, time_ms: 6 },
  { type: 'dataset', name: 'cells', digest: 'd', context: 'training', source_type: 'local', source: '{}' },
  { type: 'model', name: 'model', path: 'm', register: null, metrics: { auc: 'Infinity' } },
  { type: 'progress', stage: 'training', done: 1, total: 2, unit: 'samples', time_ms: 7 },
  { type: 'end', status: 'FINISHED' },
].map((event) => JSON.stringify({ v: 1, ...event }));

async function read(...reading: Parameters<typeof readRunLog>): Promise<RunLogEvent[]> {
  const events: RunLogEvent[] = [];
  for await (const event of readRunLog(...reading)) events.push(event);
  return events;
}

describe('the run log, read by a program', () => {
  it('gives each event with its writer, numbers as numbers, and names as JavaScript writes them', async () => {
    await using folder = await temporaryDirectory();
    mkdirSync(folder.join('events'));
    writeFileSync(folder.join('events/trainer.ndjson'), `${lines.join('\n')}\n`);
    const writer = 'trainer';
    expect(await read(folder.path)).toEqual([
      { type: 'metric', key: 'loss', value: Number.NaN, step: 1, timeMs: 5, dataset: 'cells', writer },
      { type: 'param', key: 'epochs', value: '3', writer },
      { type: 'table', key: 'confusion', path: 'a.csv', step: 1, timeMs: 6, writer },
      { type: 'dataset', name: 'cells', digest: 'd', context: 'training', sourceType: 'local', source: '{}', writer },
      { type: 'model', name: 'model', path: 'm', register: null, metrics: { auc: Number.POSITIVE_INFINITY }, writer },
      { type: 'progress', stage: 'training', done: 1, total: 2, unit: 'samples', timeMs: 7, writer },
      { type: 'end', status: 'FINISHED', writer },
    ]);
  });

  it('gives events of the types that are asked for, and tells of lines that hold none', async () => {
    await using folder = await temporaryDirectory();
    mkdirSync(folder.join('events'));
    writeFileSync(folder.join('events/mine.ndjson'), `no json\n${lines.join('\n')}\n`);
    const warnings: string[] = [];
    const events = await read(folder.path, { types: ['param', 'end'], onWarning: (text) => warnings.push(text) });
    expect(events.map(({ type }) => type)).toEqual(['param', 'end']);
    expect(warnings).toEqual(['Run log mine, byte 0: the line is passed over, it is no JSON.']);
  });

  it('is empty where nothing was logged', async () => {
    await using folder = await temporaryDirectory();
    expect(await read(folder.path)).toEqual([]);
  });
});
