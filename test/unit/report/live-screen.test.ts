import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LiveLine, LiveScreen } from '../../../src/report/live-screen.ts';
import { Screen } from '../../support/screen.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A live screen on a terminal that can be resized while it is drawn. */
function open(columns: number, reflows: boolean) {
  const terminal = new Screen(columns, { reflows });
  const stream = { isTTY: true, columns, write: (text: string) => terminal.write(text) };
  let live: readonly LiveLine[] = [];
  const screen = new LiveScreen(stream, { columns: 80, reflows, draw: () => live });
  return {
    terminal,
    screen,
    show: (...texts: string[]) => {
      live = texts.map((text) => ({ text }));
      vi.advanceTimersByTime(100);
    },
    resize: (wide: number) => {
      terminal.resize(wide);
      stream.columns = wide;
      vi.advanceTimersByTime(100);
    },
  };
}

describe.each([
  ['breaks its lines', true],
  ['cuts its lines off', false],
] as const)('a terminal that %s when it gets narrower', (_, reflows) => {
  it('keeps what was said before, and nothing of the live area that was drawn wider', () => {
    const { terminal, screen, show, resize } = open(100, reflows);
    screen.print('said before');
    show('a'.repeat(99), 'b'.repeat(70), 'c'.repeat(99));
    for (const columns of [60, 41, 40, 33, 100, 60]) {
      resize(columns);
      screen.print(`said at ${columns}`);
      show('a'.repeat(99), 'b'.repeat(70), 'c'.repeat(99));
    }
    screen.close();
    expect(terminal.lines).toEqual([
      'said before',
      ...[60, 41, 40, 33, 100, 60].map((columns) => `said at ${columns}`),
    ]);
    expect(terminal.cursorVisible).toBe(true);
  });

  it('draws anew at once what no longer fits, though nothing of it has changed', () => {
    const { terminal, show, resize, screen } = open(80, reflows);
    show('working, '.repeat(12));
    resize(30);
    expect(terminal.lines).toEqual([`${'working, '.repeat(12).slice(0, 28)}…`]);
    screen.close();
    expect(terminal.lines).toEqual([]);
  });

  it('holds for a width that the live line fills exactly', () => {
    const { terminal, screen, show, resize } = open(80, reflows);
    screen.print('said before');
    show('x'.repeat(40));
    resize(40);
    screen.print('said after');
    show('y');
    expect(terminal.lines).toEqual(['said before', 'said after', 'y']);
    screen.close();
  });
});
