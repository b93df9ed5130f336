import type { BrokenBatch } from './epoch.ts';

/** Of an epoch, what tells whether it is lost: the training's own loss counts where there is no other. */
interface EpochLosses {
  readonly epoch: number;
  readonly values: { readonly loss?: number; readonly val_loss?: number };
  readonly brokenBatch?: BrokenBatch;
}

/** The losses to be looked at, the training's own first. */
const losses = ['loss', 'val_loss'] as const;
/** A loss above this multiple of what guessing gives is no model in the making any more. */
const lostFactor = 2;
/** Of a batch: a sentence is to be read. */
const idsNamed = 3;

/**
 * `loss is NaN from step 37 on, the batch of a.png, b.png, c.png and 29 more` where an epoch's loss is no finite number any
 * more; null where it is. There is no way back from there:
 * what a weight that is NaN touches becomes NaN.
 */
export function brokenLoss({ values, brokenBatch }: EpochLosses): string | null {
  const key = losses.find((name) => values[name] !== undefined && !Number.isFinite(values[name]));
  const broken = key === undefined ? null : `${key} is ${values[key]}`;
  if (brokenBatch === undefined) return broken;
  const { step, ids } = brokenBatch;
  const others = ids.length - idsNamed;
  const names = `${ids.slice(0, idsNamed).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  return `${broken ?? 'loss is not finite'} from step ${step} on, the batch of ${names}`;
}

/**
 * Why a training that ended with this epoch diverged; null where it did not. Besides losses that are not finite these
 * are losses of training and validation above twice that of guessing: scores are probabilities, or values from 0 to 1,
 * and their loss is bounded, so that weights without any bound show as a large loss and not as an infinite one.
 *
 * @param guessing The loss of a network that knows nothing but what is usual; 0 where there is nothing to guess.
 */
export function divergenceOf(record: EpochLosses, guessing: number): string | null {
  const broken = brokenLoss(record);
  if (broken !== null) return broken;
  const { loss = 0, val_loss: validationLoss = loss } = record.values;
  if (guessing === 0 || Math.min(loss, validationLoss) <= lostFactor * guessing) return null;
  return `loss is ${loss.toPrecision(4)}, more than twice what guessing gives (${guessing.toPrecision(4)})`;
}

/**
 * `epoch 2: …` for a training whose last epoch diverged: the first epoch from which it never came back; null where the
 * training did not diverge.
 */
export function divergenceIn(history: readonly EpochLosses[], guessing: number): string | null {
  let found: string | null = null;
  for (const record of history.toReversed()) {
    const problem = divergenceOf(record, guessing);
    if (problem === null) break;
    found = `epoch ${record.epoch}: ${problem}`;
  }
  return found;
}
