import type { LaunchEvent } from '../events.ts';

/** What is shown of a past that nobody may want to scroll through. */
const mostOutputLines = 200;
const mostSteps = 40;
const mostProgress = 20;

/** What was not even read of a past: nobody knows how much it was. */
export interface PastCut {
  readonly output: boolean;
  readonly metrics: boolean;
}

/**
 * What a person is shown who comes back to a run: all that was told of it, but of its output the last lines, of its metrics
 * the last steps, and of steps and stages that are over no news. What is left out is said in its place.
 * @param events All that has happened so far, in order.
 * @param runId For the commands that show the rest.
 * @param cut What there was more of before these events.
 */
export function recentHistory(
  events: readonly LaunchEvent[],
  runId: string,
  cut: PastCut = { output: false, metrics: false },
): LaunchEvent[] {
  const ended = new Set(events.flatMap((event) => (isStepEnd(event) ? [event.id] : [])));
  const steps = [...new Set(events.flatMap((event) => (event.type === 'metric' ? [event.step] : [])))];
  const kept = new Set(steps.slice(-mostSteps));
  const leftOut = {
    output: surplus(events, 'output', mostOutputLines),
    progress: surplus(events, 'progress', mostProgress),
  };
  let [output, progress] = [0, 0];
  let isOutputTold = leftOut.output === 0 && !cut.output;
  let isStepsTold = steps.length <= mostSteps && !cut.metrics;
  return events.flatMap((event): LaunchEvent[] => {
    const told = (text: string): LaunchEvent => ({ timeMs: event.timeMs, type: 'notice', text });
    if (event.type === 'output') {
      output += 1;
      if (output <= leftOut.output) return [];
      if (isOutputTold) return [event];
      isOutputTold = true;
      const earlier = cut.output ? '… earlier lines' : count(leftOut.output, 'earlier line');
      return [told(`${earlier} of output: \`slipway logs ${runId}\``), event];
    }
    if (event.type === 'metric') {
      const shown = kept.has(event.step) ? [event] : [];
      if (isStepsTold) return shown;
      isStepsTold = true;
      const earlier = cut.metrics ? '… earlier steps' : count(steps.length - kept.size, 'earlier step');
      return [told(`${earlier} of the metrics: \`slipway attach ${runId} --json\``), ...shown];
    }
    if (event.type === 'progress') {
      progress += 1;
      return progress > leftOut.progress ? [event] : [];
    }
    return event.type === 'step-progress' && ended.has(event.id) ? [] : [event];
  });
}

function isStepEnd(event: LaunchEvent): event is Extract<LaunchEvent, { type: 'step-finished' | 'step-failed' }> {
  return event.type === 'step-finished' || event.type === 'step-failed';
}

/** How many of the events of a type are more than so many. */
function surplus(events: readonly LaunchEvent[], type: LaunchEvent['type'], most: number): number {
  return Math.max(0, events.filter((event) => event.type === type).length - most);
}

function count(number: number, what: string): string {
  return `… ${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}
