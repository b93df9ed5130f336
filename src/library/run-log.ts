import { decodeMetricValue, readRunLog as readEntries, type RunLogEvent as WrittenEvent } from '../runlog/index.ts';
import type { RunLogEvent } from './run-log-events.ts';

/** How {@link readRunLog} reads. */
export interface ReadRunLogOptions {
  /** Only events of these types; all by default. */
  readonly types?: readonly RunLogEvent['type'][];
  /** Told of each line that holds no event, in a sentence; such lines are passed over. */
  readonly onWarning?: (text: string) => void;
}

/**
 * What the programs of a run have logged so far, writer by writer and in the order in which each wrote, in constant
 * memory: the run folder is `runDirectory` of a result. A folder without a log has no events.
 */
export async function* readRunLog(
  runDirectory: string,
  options: ReadRunLogOptions = {},
): AsyncGenerator<RunLogEvent, void, void> {
  const { types, onWarning } = options;
  const reading = {
    ...(types === undefined ? {} : { types: new Set(types) }),
    ...(onWarning === undefined ? {} : { onWarning }),
  };
  for await (const { event, writer } of readEntries(runDirectory, reading)) yield asRead(event, writer);
}

function asRead(written: WrittenEvent, writer: string): RunLogEvent {
  const { v: _version, ...event } = written;
  switch (event.type) {
    case 'metric': {
      const { time_ms: timeMs, value, ...rest } = event;
      return { ...rest, value: decodeMetricValue(value), timeMs, writer };
    }
    case 'table':
    case 'image':
    case 'progress': {
      const { time_ms: timeMs, ...rest } = event;
      return { ...rest, timeMs, writer };
    }
    case 'dataset': {
      const { source_type: sourceType, ...rest } = event;
      return { ...rest, sourceType, writer };
    }
    case 'model': {
      const { metrics, ...rest } = event;
      const decoded = Object.entries(metrics ?? {}).map(([key, value]) => [key, decodeMetricValue(value)]);
      return { ...rest, metrics: Object.fromEntries(decoded), writer };
    }
    case 'param':
    case 'tag':
    case 'artifact':
    case 'end':
      return { ...event, writer };
  }
}
