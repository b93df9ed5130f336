import { SlipwayError } from '../errors.ts';
import { type Batch, type MetricPoint, type Run, splitBatch } from '../mlflow/index.ts';
import { divideBatch, sizeOfBatch } from './divide-batch.ts';
import { kindOfFailure } from './failure.ts';
import { type LaneContext, singleCall } from './lane-context.ts';
import { ParamRules } from './params.ts';
import type { PendingValues } from './pending-values.ts';
import { divergedTag } from './run-index.ts';

/** After an unclear failure the server may have the values; looking for them costs it time, so it gets fewer at once. */
const largestRepeatedBatch = 100;

/** Sends values until the server has each, or has refused it for good; one request at a time. */
export class ValueSender {
  readonly #context: LaneContext;

  constructor(context: LaneContext) {
    this.#context = context;
  }

  async send(pending: PendingValues): Promise<void> {
    for (const { entry, reason } of pending.problems) await this.#context.refuse(entry, reason);
    for (const text of pending.notices) this.#context.warn(text);
    const diverged = pending.tags.get(divergedTag);
    if (diverged !== undefined) this.#context.options.onDiverged?.(diverged);
    await this.#sendDatasets(pending);
    const queue = splitBatch(pending.batch());
    while (queue.length > 0) {
      try {
        await this.#sendQueue(queue);
      } catch (error) {
        if (kindOfFailure(error) === 'passing') throw error;
        const culprit = queue.shift() as Batch;
        queue.unshift(...(await this.#afterRefusal(culprit, pending, error)));
      }
    }
  }

  async #sendDatasets(pending: PendingValues): Promise<void> {
    const { options, persistence, signal, checkpoint, refuse } = this.#context;
    for (const { input, entry } of pending.datasets) {
      try {
        await persistence.keepTrying(
          () => options.client.logInputs(options.mlflowRunId, { datasets: [input] }, singleCall(signal)),
          signal,
        );
      } catch (error) {
        if (kindOfFailure(error) === 'passing') throw error;
        await this.#activeRun();
        await refuse(entry, error);
      }
      checkpoint('inputs-sent');
    }
  }

  /** Sends from the front of the queue; what is sent is taken out. */
  async #sendQueue(queue: Batch[]): Promise<void> {
    const { options, persistence, signal, checkpoint } = this.#context;
    await persistence.keepTrying(async (failures) => {
      if (failures > 0) queue.splice(0, queue.length, ...queue.flatMap((batch) => splitSmall(batch)));
      for (let batch = queue[0]; batch !== undefined; batch = queue[0]) {
        await options.client.logBatch(options.mlflowRunId, batch, singleCall(signal));
        queue.shift();
        checkpoint('batch-sent');
      }
    }, signal);
  }

  /** What is to be sent in place of a refused batch: without the params that were there, or its halves, or nothing. */
  async #afterRefusal(culprit: Batch, pending: PendingValues, reason: unknown): Promise<Batch[]> {
    const run = await this.#activeRun();
    const settled = this.#withoutSettledParams(culprit, run);
    if (settled !== culprit) return sizeOfBatch(settled) === 0 ? [] : [settled];
    if (sizeOfBatch(culprit) > 1) return divideBatch(culprit, Math.ceil(sizeOfBatch(culprit) / 2));
    const [point] = culprit.metrics ?? [];
    if (point !== undefined && (await this.#hasPoint(point))) return [];
    const origin = pending.originOf(culprit);
    if (origin !== undefined) await this.#context.refuse(origin, reason);
    return [];
  }

  /** Another writer logged one of the params meanwhile: its value stays, ours becomes a tag where they differ. */
  #withoutSettledParams(batch: Batch, run: Run): Batch {
    const rules = new ParamRules(run.data.params);
    this.#context.index.params.learn(run.data.params);
    const params: Record<string, string> = {};
    const tags: Record<string, string> = { ...batch.tags };
    let isChanged = false;
    for (const [key, value] of Object.entries(batch.params ?? {})) {
      const decision = rules.decide(key, value);
      if (decision.kind === 'send') params[key] = value;
      else isChanged = true;
      if (decision.kind === 'conflict') tags[decision.tag] = value;
    }
    return isChanged ? { ...batch, params, tags } : batch;
  }

  /** MLflow before 3.8 refuses a NaN that it has already: then it is there. */
  async #hasPoint(point: MetricPoint): Promise<boolean> {
    const { options, persistence, signal } = this.#context;
    const history = await persistence.keepTrying(
      () => options.client.metricHistory(options.mlflowRunId, point.key, singleCall(signal)),
      signal,
    );
    return history.some(
      (there) =>
        there.step === point.step && there.timestampMs === point.timestampMs && Object.is(there.value, point.value),
    );
  }

  /** The run, as soon as it takes values: a deleted run or experiment is no fault of the value. */
  async #activeRun(): Promise<Run> {
    const { options, persistence, signal } = this.#context;
    return persistence.keepTrying(async () => {
      const run = await options.client.getRun(options.mlflowRunId, singleCall(signal));
      if (run.info.lifecycleStage === 'active') return run;
      options.onDeleted?.();
      throw new SlipwayError(`The run ${options.mlflowRunId} was deleted on the server.`, {
        hint: 'Restore it there: what was written since is sent then.',
      });
    }, signal);
  }
}

function splitSmall(batch: Batch): Batch[] {
  return sizeOfBatch(batch) > largestRepeatedBatch ? divideBatch(batch, largestRepeatedBatch) : [batch];
}
