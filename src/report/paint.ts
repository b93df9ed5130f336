import { styleText } from 'node:util';

type Painter = (text: string) => string;

/** The colours of the report, each a meaning; without colour each is the text as it is. */
export interface Paint {
  readonly good: Painter;
  readonly bad: Painter;
  readonly warning: Painter;
  readonly accent: Painter;
  readonly faint: Painter;
  readonly strong: Painter;
}

/** Whether colour is wanted is decided by the caller (NO_COLOR, a terminal), so styleText must not judge again. */
export function createPaint(color: boolean): Paint {
  const painter = (format: Parameters<typeof styleText>[0]): Painter =>
    color ? (text) => (text === '' ? '' : styleText(format, text, { validateStream: false })) : (text) => text;
  return {
    good: painter('green'),
    bad: painter('red'),
    warning: painter('yellow'),
    accent: painter('cyan'),
    faint: painter('dim'),
    strong: painter('bold'),
  };
}
