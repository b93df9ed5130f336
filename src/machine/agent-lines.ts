import { parseLaunchEvent } from '../event-schema.ts';
import type { LaunchEvent } from '../events.ts';
import { formatDuration } from '../util/format.ts';

/**
 * A line of an agent's journal for people: its time and what it tells. Values and output, which are kept elsewhere, are
 * not told; a line that is no event, one of a stack, is given as it is. Null where there is nothing to tell.
 */
export function agentLine(line: string): string | null {
  const event = parseLaunchEvent(line);
  if (event === null) return line === '' ? null : line;
  const text = textOf(event);
  return text === null ? null : `${new Date(event.timeMs).toISOString()} ${text}`;
}

function textOf(event: LaunchEvent): string | null {
  switch (event.type) {
    case 'step-started':
      return `begins: ${event.title}`;
    case 'step-progress':
      return `  ${event.line ?? event.text}`;
    case 'step-finished':
      return `done: ${event.title}${event.reused === true ? ' (reused)' : ''}, ${formatDuration(event.durationMs)}`;
    case 'step-failed':
      return `failed: ${event.title}, ${formatDuration(event.durationMs)}`;
    case 'state':
      return `state: ${event.state}`;
    case 'registered':
      return `registered: ${event.url}`;
    case 'failure':
      return `failure: ${event.message}`;
    case 'model':
      return `model: ${event.name} version ${event.version}`;
    case 'result': {
      const { status, reason, drained } = event.result;
      return `result: ${status}${reason === null ? '' : `, ${reason.replace(/\.$/, '')}`}${drained ? '' : ', not all of it sent'}`;
    }
    case 'notice':
    case 'warning':
    case 'detail':
    case 'debug':
      return `${event.type}: ${event.text}`;
    default:
      return null;
  }
}
