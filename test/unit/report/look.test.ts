import { describe, expect, it } from 'vitest';
import { createLook } from '../../../src/report/look.ts';

const terminal = { write: () => {}, columns: 60, isTTY: true };
const file = { write: () => {} };
const red = (environment: Record<string, string>, color?: boolean, stream: object = terminal): boolean =>
  createLook({ stream: stream as typeof terminal, color, environment }).paint.bad('x') !== 'x';

describe('the look of an answer', () => {
  it('has colours on a terminal, unless NO_COLOR, a dumb terminal or --no-color forbids them', () => {
    expect(red({})).toBe(true);
    expect(red({ NO_COLOR: '1' })).toBe(false);
    expect(red({ NO_COLOR: '' })).toBe(true);
    expect(red({ TERM: 'dumb' })).toBe(false);
    expect(red({}, false)).toBe(false);
  });

  it('has none in a file, unless --color wants them', () => {
    expect(red({}, undefined, file)).toBe(false);
    expect(red({ NO_COLOR: '1' }, true, file)).toBe(true);
  });

  it('is as wide as the terminal is at this moment, and without bounds in a file', () => {
    const stream = { ...terminal };
    const look = createLook({ stream, environment: {} });
    expect(look.columns).toBe(60);
    stream.columns = 200;
    expect(look.columns).toBe(200);
    expect(createLook({ stream: file, environment: {} }).columns).toBe(Number.POSITIVE_INFINITY);
  });

  it('shows an address as it is where the terminal knows no hyperlinks', () => {
    expect(createLook({ stream: file, environment: {} }).address('http://x/y')).toBe('http://x/y');
    expect(createLook({ stream: terminal, environment: { TERM: 'dumb' } }).link('here', 'http://x/y')).toBe('here');
  });
});
