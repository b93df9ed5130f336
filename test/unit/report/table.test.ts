import { describe, expect, it } from 'vitest';
import { createLook, type Look } from '../../../src/report/look.ts';
import { tableLines } from '../../../src/report/table.ts';
import { textWidth } from '../../../src/report/text-width.ts';

const columns = [
  { title: 'run', minimum: 6 },
  { title: 'id', rank: 2 },
  { title: 'state', rank: 0 },
  { title: 'val_auc', align: 'right', rank: 1 },
] as const;
const rows = [
  ['swift-heron-417', '20261121-034512-k3f9', 'finished', '0.9812'],
  ['日本語の名前', '20261121-034512-aaaa', 'failed', '0.5'],
];

function look(columns: number, isTTY = true): Look {
  return createLook({ stream: { write: () => {}, columns, isTTY }, color: false, environment: {} });
}

describe('a table', () => {
  it('is aligned, numbers to the right, where there is room', () => {
    expect(tableLines(columns, rows, look(80))).toEqual([
      'run              id                    state     val_auc',
      'swift-heron-417  20261121-034512-k3f9  finished   0.9812',
      '日本語の名前     20261121-034512-aaaa  failed        0.5',
    ]);
  });

  it('cuts what may be cut, and then leaves out the columns that matter least', () => {
    expect(tableLines(columns, rows, look(50))).toEqual([
      'run        id                    state     val_auc',
      'swift-he…  20261121-034512-k3f9  finished   0.9812',
      '日本語の…  20261121-034512-aaaa  failed        0.5',
    ]);
    expect(tableLines(columns, rows, look(30))).toEqual([
      'run          state     val_auc',
      'swift-hero…  finished   0.9812',
      '日本語の名…  failed        0.5',
    ]);
    expect(tableLines(columns, rows, look(20))[1]).toBe('swift-her…  finished');
  });

  it('makes titles and cells safe to show', () => {
    const [titles, cells] = tableLines([{ title: 'epochs\u001b[2J' }], [['3\u001b[2J']], look(80));
    expect([titles, cells]).toEqual(['epochs', '3']);
  });

  it.each([20, 30, 40, 60, 200])('is never wider than %i columns', (width) => {
    for (const line of tableLines(columns, rows, look(width))) expect(textWidth(line)).toBeLessThanOrEqual(width);
  });

  it('cuts nothing where it goes to a file', () => {
    const long = 'x'.repeat(300);
    expect(tableLines(columns, [[long, 'a', 'b', '1']], look(40, false))[1]).toContain(long);
  });

  it('shows no escape sequence and no line break that a cell brings along', () => {
    const lines = tableLines([{ title: 'name' }], [['a\u001b[31mb\nc']], look(80));
    expect(lines).toEqual(['name', 'abc']);
  });

  it('paints what is shown of a cell, and not its padding', () => {
    const paint = (text: string) => `<${text}>`;
    expect(tableLines([{ title: 'a' }, { title: 'bbb' }], [[{ text: 'x', paint }, 'y']], look(80))).toEqual([
      'a  bbb',
      '<x>  y',
    ]);
  });
});
