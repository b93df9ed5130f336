import type { EventSink, LaunchEvent, RunResult } from '../events.ts';
import type { Verbosity } from '../util/verbosity.ts';
import type { ReportStream } from './live-screen.ts';
import type { Look } from './look.ts';
import type { NextStep } from './next-step.ts';
import { withPrintableTexts } from './printable-texts.ts';

export interface ReporterOptions {
  /** `terminal` redraws in place, `plain` writes lines, `json` writes one event an object a line. */
  readonly mode: 'terminal' | 'plain' | 'json';
  /** Gets the result, and with `json` every event. */
  readonly stdout: ReportStream;
  /** Gets everything else. */
  readonly stderr: ReportStream;
  /** How each of them looks. */
  readonly looks: { readonly stdout: Look; readonly stderr: Look };
  /** Default `normal`. */
  readonly verbosity?: Verbosity;
  /** True where stdout and stderr end in one place, so that what one of them said need not be repeated on the other. */
  readonly sharesDestination?: boolean;
  /** False for a terminal that cuts its lines off when it gets narrower, in place of breaking them. Default true. */
  readonly reflows?: boolean;
  /** Values that must not be shown, whatever writes them. */
  readonly secrets?: readonly string[];
  /** Done to what a person sees before it is written: commands get the name by which the program was started. */
  readonly rewrite?: (text: string) => string;
  /** The command that is most useful after a result; null where there is none. */
  readonly nextStep?: (result: RunResult) => NextStep | null;
}

/** Shows events to a person or a program. */
export interface Reporter {
  readonly sink: EventSink;
  /** Writes what is still held back and gives the terminal back as it was. */
  close(): void;
}

/**
 * One formatter for each event: an event without one does not compile. It gets the event made safe to show, and as it
 * came.
 */
export type EventFormatters = {
  readonly [Type in LaunchEvent['type']]: (
    event: Extract<LaunchEvent, { type: Type }>,
    original: Extract<LaunchEvent, { type: Type }>,
  ) => void;
};

/** Hands an event to its formatter. */
export function format(formatters: EventFormatters, event: LaunchEvent): void {
  // TypeScript cannot see that the key and the arguments belong together.
  const formatter = formatters[event.type] as ((event: LaunchEvent, original: LaunchEvent) => void) | undefined;
  formatter?.(withPrintableTexts(event), event);
}
