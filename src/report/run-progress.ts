import type { LaunchEvent } from '../events.ts';
import { formatWholeSeconds } from '../util/format.ts';
import type { StepNames } from './metric-line.ts';
import { metricPairs } from './metric-line.ts';
import { createPaint } from './paint.ts';
import { ProgressEstimate, type ProgressEvent } from './progress-estimate.ts';

const largestBarWidth = 24;
const smallestBarWidth = 8;
const noPaint = createPaint(false);

/** How far the program is, and its newest values: what the bar shows. */
export class RunProgress {
  readonly estimate = new ProgressEstimate();
  readonly #live = new Map<string, number>();
  #word = 'step';
  #total: number | undefined;

  update(event: ProgressEvent): void {
    this.estimate.update(event);
    // A stage is called `epoch 3/10`, or its unit says what it counts.
    const epoch = /^epoch\s+\d+\s*(?:\/|of)\s*(\d+)$/i.exec(event.stage);
    if (epoch !== null) this.#total = Number(epoch[1]);
    else if (/^epochs?$/i.test(event.unit) && event.total > 0) this.#total = event.total;
    if (/epoch/i.test(`${event.stage} ${event.unit}`)) this.#word = 'epoch';
  }

  addMetric(event: Extract<LaunchEvent, { type: 'metric' }>): void {
    if (event.key.startsWith('batch/')) this.#live.set(event.key.slice('batch/'.length), event.value);
    else if (/^(loss|accuracy)$/.test(event.key)) this.#live.set(event.key, event.value);
    if (event.key === 'epoch_seconds') this.#word = 'epoch';
  }

  get names(): StepNames {
    return { word: this.#word, total: this.#total };
  }

  /** `epoch 3/10 ████░░░░ 640/1400 images  eta 12 s  loss 0.1834`; null where the program tells no progress. */
  line(columns: number): string | null {
    const event = this.estimate.current;
    if (event === undefined) return null;
    const { fraction, remainingMs } = this.estimate;
    const eta = remainingMs === undefined || fraction === 1 ? '' : `eta ${formatWholeSeconds(remainingMs)}`;
    const count = fraction === undefined ? `${event.done} ${event.unit}` : `${event.done}/${event.total} ${event.unit}`;
    const texts = [event.stage, count.trim(), eta].filter((text) => text !== '');
    // Half of what is left, so that a value can stand beside the bar.
    const room = columns - texts.join('  ').length - 2;
    const barWidth =
      fraction === undefined
        ? 0
        : Math.min(room, Math.max(smallestBarWidth, Math.min(largestBarWidth, Math.floor(room / 2))));
    if (barWidth >= smallestBarWidth) texts.splice(1, 0, bar(fraction!, barWidth));
    const values = metricPairs(this.#live, columns - texts.join('  ').length - 2, noPaint);
    return [...texts, values].filter((text) => text !== '').join('  ');
  }
}

/** A bar of whole and half blocks. */
function bar(fraction: number, width: number): string {
  const halves = Math.round(fraction * width * 2);
  const full = '━'.repeat(Math.floor(halves / 2)) + (halves % 2 === 1 ? '╸' : '');
  return full.padEnd(width, '┄');
}
