import { printable } from './text-width.ts';

/** Texts of these names may be several lines; all others, such as the name of a run, are shown on one. */
const textsOfLines: ReadonlySet<string> = new Set(['text', 'message', 'hint', 'reason']);
const controls = /[\x00-\x1f\x7f-\x9f]/;

/**
 * A value with all its texts, however deep, made safe to show, and so are the names that somebody gave to metrics and
 * parameters: what people and programs call things must not steer the terminal of who looks at them.
 */
export function withPrintableTexts<Value>(value: Value, name = ''): Value {
  return safeValue(value, name) as Value;
}

function safeValue(value: unknown, name: string): unknown {
  if (typeof value === 'string') return safeText(value, textsOfLines.has(name));
  if (Array.isArray(value)) return value.map((item) => safeValue(item, name));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [safeText(key, false), safeValue(part, key)] as const);
  return Object.fromEntries(entries);
}

function safeText(text: string, hasLines: boolean): string {
  if (!controls.test(text)) return text;
  return hasLines ? text.split('\n').map(printable).join('\n') : printable(text.replace(/\s*\n\s*/g, ' '));
}

/** Whether a name can stand in a command for a person as it is: shown whole, and not taken for an option. */
export function canBeTyped(name: string): boolean {
  return name !== '' && !name.startsWith('-') && isPrintable(name);
}

/** Whether a text can be shown on a line as it is. */
export function isPrintable(text: string): boolean {
  return !controls.test(text);
}
