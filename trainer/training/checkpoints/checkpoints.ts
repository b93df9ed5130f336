import path from 'node:path';
import { errorMessage, SlipwayError, UsageError } from '../../../src/errors.ts';
import type { LayersModel, TensorFlow } from '../../tensorflow/library.ts';
import type { BestEpoch } from '../early-stopping.ts';
import type { TrainingProgress } from '../loop.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { type CheckpointFolder, checkpointName, type StoredCheckpoint } from './checkpoint-folder.ts';
import { type CheckpointDocument, decodeHistory, encodeHistory } from './document.ts';
import { readState, restoreState, restoreWeights } from './network-state.ts';

/** When checkpoints are written besides those of the best and the last epoch; 0 means never for each. */
export interface CheckpointPace {
  readonly everyEpochs: number;
  readonly everySteps: number;
  readonly everyMinutes: number;
  /** How many are kept besides the best. */
  readonly kept: number;
}

/** What a training works with that a checkpoint must hold or fit. */
export interface CheckpointSubject {
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  readonly best: BestEpoch;
  /** What must be the same when it goes on. */
  readonly facts: Pick<CheckpointDocument, 'configuration' | 'data' | 'frozen_sha256' | 'threads' | 'device'>;
  readonly signal: AbortSignal;
  /** Has everything that was logged so far on the disk: a checkpoint is never newer than the log. */
  readonly syncLog: () => void;
}

/** Prefix of what the meter of a begun epoch was told, among the tensors. */
const seenPrefix = 'epoch/';

/** Writes the checkpoints of one training and goes on from one. All chance depends on seed, epoch, step and sample alone: there is no random state. */
export class Checkpoints {
  readonly #folder: CheckpointFolder;
  readonly #pace: CheckpointPace;
  readonly #subject: CheckpointSubject;
  #writtenAtMs = performance.now();
  #stepsAtLast = 0;

  constructor(folder: CheckpointFolder, pace: CheckpointPace, subject: CheckpointSubject) {
    this.#folder = folder;
    this.#pace = pace;
    this.#subject = subject;
  }

  /**
   * Puts weights, optimizer, schedule and best epoch back as they were. Throws UsageError for a checkpoint of another
   * network.
   */
  restore({ name, document, tensors }: StoredCheckpoint): {
    readonly progress: TrainingProgress;
    readonly isOver: boolean;
  } {
    const { tf, schedule, best } = this.#subject;
    try {
      restoreState(tf, this.#subject, tensors);
      schedule.restore?.(document.schedule);
    } catch (error) {
      throw new UsageError(
        `The checkpoint ${path.join(this.#folder.directory, name)} is one of another training: ${errorMessage(error)}.`,
        { hint: 'Resume a run with the code and the parameters with which it began.', cause: error },
      );
    }
    const { epoch, value, epochs_since: epochsSince } = document.best;
    best.restore(epoch === null || value === null ? null : { epoch, value }, epochsSince);
    const begun = document.begun;
    this.#stepsAtLast = document.steps + (begun?.steps ?? 0);
    const seen = tensors
      .filter((tensor) => tensor.name.startsWith(seenPrefix))
      .map((tensor) => ({ ...tensor, name: tensor.name.slice(seenPrefix.length) }));
    return {
      progress: {
        history: decodeHistory(document.history),
        steps: document.steps,
        begun:
          begun === null
            ? null
            : { steps: begun.steps, samples: begun.samples, trainingSeconds: begun.training_seconds, seen },
      },
      isOver: document.is_over,
    };
  }

  /** After a step: writes one where it is time to, or where the training is asked to stop. */
  async step(progress: () => Promise<TrainingProgress>, stepsInAll: number): Promise<void> {
    const { everySteps, everyMinutes } = this.#pace;
    const minutes = (performance.now() - this.#writtenAtMs) / 60_000;
    const isDue =
      this.#subject.signal.aborted ||
      (everySteps > 0 && stepsInAll - this.#stepsAtLast >= everySteps) ||
      (everyMinutes > 0 && minutes >= everyMinutes);
    if (isDue) await this.#write(await progress(), false);
  }

  /** After an epoch. `isLast`: there will be no other, whatever epochs are left where `isOver`. */
  async epoch(progress: TrainingProgress, end: { readonly isLast: boolean; readonly isOver: boolean }): Promise<void> {
    const epoch = progress.history.length;
    const { everyEpochs } = this.#pace;
    const isBest = this.#subject.best.best?.epoch === epoch;
    const isDue = isBest || end.isLast || end.isOver || (everyEpochs > 0 && epoch % everyEpochs === 0);
    if (isDue) await this.#write(progress, end.isOver);
  }

  /** Puts the weights of a whole epoch back. Throws SlipwayError where its checkpoint is gone or damaged. */
  async restoreWeightsOf(epoch: number): Promise<void> {
    const name = nameOfEpoch(epoch);
    try {
      const { tensors } = await this.#folder.read(name);
      restoreWeights(this.#subject.tf, this.#subject.model, tensors);
    } catch (error) {
      throw new SlipwayError(
        `The checkpoint ${path.join(this.#folder.directory, name)} of the best epoch cannot be read: ${errorMessage(error)}.`,
        { hint: 'Bring it back and resume the run, or begin a new run.', cause: error },
      );
    }
  }

  async #write(progress: TrainingProgress, isOver: boolean): Promise<void> {
    const { best, schedule, facts, syncLog } = this.#subject;
    const { history, steps, begun } = progress;
    const seen = (begun?.seen ?? []).map((tensor) => ({ ...tensor, name: `${seenPrefix}${tensor.name}` }));
    const tensors = [...(await readState(this.#subject)), ...seen];
    syncLog();
    const written = await this.#folder.write(
      {
        version: 1,
        written_at_ms: Date.now(),
        ...facts,
        steps,
        history: encodeHistory(history),
        begun:
          begun === null
            ? null
            : { steps: begun.steps, samples: begun.samples, training_seconds: begun.trainingSeconds },
        best: { epoch: best.best?.epoch ?? null, value: best.best?.value ?? null, epochs_since: best.epochsSince },
        schedule: schedule.state?.() ?? null,
        is_over: isOver,
      },
      tensors,
    );
    await this.#folder.prune(written, this.#pace.kept, best.best === null ? [] : [nameOfEpoch(best.best.epoch)]);
    this.#writtenAtMs = performance.now();
    this.#stepsAtLast = steps + (begun?.steps ?? 0);
  }
}

/** The name of the checkpoint after a whole epoch. */
function nameOfEpoch(epoch: number): string {
  return checkpointName({ history: [{ epoch, values: {} }], steps: 0, begun: null });
}
