import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outputLine, outputPartName, outputParts, parseOutputLine } from '../../../src/runs/output-log.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

describe('a line of kept output', () => {
  it('is read as it was written', () => {
    const timeMs = Date.UTC(2026, 10, 21, 3, 45, 12, 7);
    const line = outputLine(timeMs, ' two  words ');
    expect(line).toBe('2026-11-21T03:45:12.007Z  two  words ');
    expect(parseOutputLine(line)).toEqual({ timeMs, text: ' two  words ' });
  });

  it('may be empty, and may have no time', () => {
    expect(parseOutputLine(outputLine(0, ''))).toEqual({ timeMs: 0, text: '' });
    expect(parseOutputLine('epoch 1')).toEqual({ timeMs: null, text: 'epoch 1' });
  });
});

describe('the parts of a stream', () => {
  it('come in the order of their numbers, without those of the other stream', async () => {
    await using folder = await temporaryDirectory('slipway-output-');
    const names = ['stdout.10.log', 'stdout.2.log', 'stdout.log', 'stderr.log', 'stdout.log.part', 'agent.log'];
    for (const name of names) writeFileSync(join(folder.path, name), '');
    expect(outputParts(folder.path, 'stdout')).toEqual(
      [0, 2, 10].map((part) => join(folder.path, outputPartName('stdout', part))),
    );
  });

  it('are none where there is no folder', () => {
    expect(outputParts('/nowhere/at/all', 'stdout')).toEqual([]);
  });
});
