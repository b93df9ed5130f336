import type { LaunchEvent } from '../events.ts';
import { describesModel } from '../util/primary-metric.ts';
import { metricGroup } from './metric-names.ts';

type MetricEvent = Extract<LaunchEvent, { type: 'metric' }>;

/** The metrics of one step, together. */
export interface MetricRow {
  /** True for the `test_…` metrics, which come once, at the end. */
  readonly isTest: boolean;
  /** True for what comes of a step after its row and the test metrics: a remark, not a row of a table. */
  readonly isLate: boolean;
  readonly step: number;
  readonly values: ReadonlyMap<string, number>;
  /** How long the epoch took; undefined where the program does not log `epoch_seconds`. */
  readonly durationMs: number | undefined;
}

/** All values of a step are logged in one go; after this much silence it counts as complete. */
const quietMs = 400;
/** A program that logs a step a millisecond must not drown the terminal. */
const burstRows = 100;
const rowsPerSecond = 2;

/** Gathers single values into rows, one a step, and thins them out where they come too fast to be read. */
export class MetricRows {
  #pending: { step: number; isTest: boolean; values: Map<string, number>; durationMs?: number } | undefined;
  #lastMs = 0;
  #allowance = burstRows;
  #allowanceMs = 0;
  /** The last steps of which there was a row, of the training and of the test. */
  #trained = Number.NEGATIVE_INFINITY;
  #tested = Number.NEGATIVE_INFINITY;

  /** Takes a value; returns the row that it completes, if it does. */
  add(event: MetricEvent, nowMs: number): MetricRow | undefined {
    if (event.key === 'epoch_seconds') return this.#addDuration(event, nowMs);
    if (!describesModel(event.key)) return undefined;
    const isTest = metricGroup(event.key) === 'test';
    const completed = this.#startStep(event.step, isTest, nowMs);
    this.#pending!.values.set(event.key, event.value);
    return completed;
  }

  /** The pending row once nothing has been added to it for a while, or at once when asked to hurry. */
  take(nowMs: number, hurry = false): MetricRow | undefined {
    if (this.#pending === undefined || (!hurry && nowMs - this.#lastMs < quietMs)) return undefined;
    const { values, durationMs, ...pending } = this.#pending;
    this.#pending = undefined;
    const { step, isTest } = pending;
    const isLate = !isTest && step <= this.#trained && step <= this.#tested;
    if (isTest) this.#tested = step;
    else this.#trained = Math.max(this.#trained, step);
    if (values.size === 0 || !(isTest || hurry || this.#allow(nowMs))) return undefined;
    return { step, isTest, isLate, values, durationMs };
  }

  #addDuration(event: MetricEvent, nowMs: number): MetricRow | undefined {
    const completed = this.#startStep(event.step, false, nowMs);
    this.#pending!.durationMs = event.value * 1000;
    return completed;
  }

  #startStep(step: number, isTest: boolean, nowMs: number): MetricRow | undefined {
    let completed: MetricRow | undefined;
    if (this.#pending !== undefined && (this.#pending.step !== step || this.#pending.isTest !== isTest)) {
      // The row is complete whatever the time: its successor has begun.
      this.#lastMs = Number.NEGATIVE_INFINITY;
      completed = this.take(nowMs);
    }
    this.#pending ??= { step, isTest, values: new Map() };
    this.#lastMs = nowMs;
    return completed;
  }

  #allow(nowMs: number): boolean {
    // A clock that was set back takes nothing away.
    const elapsedMs = Math.max(0, nowMs - this.#allowanceMs);
    this.#allowance = Math.min(burstRows, this.#allowance + (elapsedMs / 1000) * rowsPerSecond);
    this.#allowanceMs = nowMs;
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }
}
