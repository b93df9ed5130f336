import type { EventSink, LaunchEvent } from '../events.ts';
import type { ReportStream } from './live-screen.ts';

export interface ReporterOptions {
  /** `terminal` redraws in place, `plain` writes lines, `json` writes one event an object a line. */
  readonly mode: 'terminal' | 'plain' | 'json';
  /** Gets the result, and with `json` every event. */
  readonly stdout: ReportStream;
  /** Gets everything else. */
  readonly stderr: ReportStream;
  readonly color: boolean;
  /** Width of the terminal where the stream does not know it. */
  readonly columns: number;
  /** True where stdout and stderr end in one place, so that what one of them said need not be repeated on the other. */
  readonly sharesDestination?: boolean;
  /** Only warnings, failures and the result. */
  readonly quiet?: boolean;
  /** Also what only someone who looks for a fault wants to see. */
  readonly debug?: boolean;
  /** Values that must not be shown, whatever writes them. */
  readonly secrets?: readonly string[];
}

/** Shows events to a person or a program. */
export interface Reporter {
  readonly sink: EventSink;
  /** Writes what is still held back and gives the terminal back as it was. */
  close(): void;
}

/** One formatter for each event: an event without one does not compile. */
export type EventFormatters = {
  readonly [Type in LaunchEvent['type']]: (event: Extract<LaunchEvent, { type: Type }>) => void;
};

/** Hands an event to its formatter. */
export function format(formatters: EventFormatters, event: LaunchEvent): void {
  // TypeScript cannot see that the key and the argument belong together.
  (formatters[event.type] as ((event: LaunchEvent) => void) | undefined)?.(event);
}
