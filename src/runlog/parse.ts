import type { z } from 'zod';
import { type RunLogEvent, runLogEvent } from './schema.ts';

/** What a line of the run log holds. */
export type ParsedLine =
  | { readonly kind: 'event'; readonly event: RunLogEvent }
  /** Nothing, or an event of a type the reader did not ask for. */
  | { readonly kind: 'skipped' }
  /** A type or a version that this release does not know: passed over, so that newer programs run. */
  | { readonly kind: 'unknown'; readonly type: string }
  /** `event` is what it says it is, where it names a type that is known. */
  | { readonly kind: 'invalid'; readonly reason: string; readonly event: InvalidEvent | null };

/** What a program meant to log: an event by its type alone, with those of its fields that hold neither list nor object. */
export interface InvalidEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Characters that are told of what is wrong with a line: of an event with thousands of faults the first ones. */
const longestReason = 500;

const decoder = new TextDecoder('utf-8', { fatal: true });
const skipped: ParsedLine = { kind: 'skipped' };
const knownTypes: ReadonlySet<string> = new Set(runLogEvent.options.map((option) => option.shape.type.value));

/** Parses one line, without its newline. With `types`, events of other types are skipped without being checked. */
export function parseLine(bytes: Uint8Array, types?: ReadonlySet<RunLogEvent['type']>): ParsedLine {
  let value: unknown;
  try {
    const text = decoder.decode(bytes).trim();
    if (text === '') return skipped;
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'invalid', reason: error instanceof SyntaxError ? 'it is no JSON' : 'it is no UTF-8', event: null };
  }
  const head = value as { type?: unknown; v?: unknown } | null;
  if (typeof head !== 'object' || head === null || typeof head.type !== 'string') {
    return { kind: 'invalid', reason: 'it is no JSON object with a "type"', event: null };
  }
  if (!knownTypes.has(head.type)) return { kind: 'unknown', type: head.type };
  if (types !== undefined && !types.has(head.type as RunLogEvent['type'])) return skipped;
  if (typeof head.v === 'number' && head.v > 1) return { kind: 'unknown', type: `${head.type} (version ${head.v})` };
  const result = runLogEvent.safeParse(value);
  if (result.success) return { kind: 'event', event: result.data };
  return { kind: 'invalid', reason: describeIssues(result.error), event: { ...plainFields(head), type: head.type } };
}

/** Lists that are nested deeply enough can be read, and not be written down again. */
function plainFields(event: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([, field]) => field === null || typeof field !== 'object'));
}

function describeIssues(error: z.ZodError): string {
  const texts = error.issues.map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': '));
  return texts.join('; ').slice(0, longestReason);
}
