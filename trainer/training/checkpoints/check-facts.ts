import { UsageError } from '../../../src/errors.ts';
import type { CheckpointDocument } from './document.ts';

type Facts = Pick<CheckpointDocument, 'configuration' | 'data' | 'threads' | 'device'>;

/** What may differ between the training that was interrupted and the one that goes on. */
const free: ReadonlySet<string> = new Set(['epochs', 'run_name']);

const hint = 'Resume a run with the parameters with which it began; only epochs may grow.';

/** Throws UsageError where a training would not go on with the parameters of the one that was interrupted. */
export function checkConfiguration(before: Facts['configuration'], now: Facts['configuration']): void {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const different = keys.find((key) => !free.has(key) && before[key] !== now[key]);
  if (different !== undefined) {
    throw new UsageError(
      `The run was begun with ${different} ${shown(before[different])} and cannot go on with ${shown(now[different])}.`,
      { hint },
    );
  }
  const [epochs, wanted] = [Number(before.epochs), Number(now.epochs)];
  if (wanted < epochs) {
    throw new UsageError(`The run was begun for ${epochs} epochs and cannot go on for ${wanted}.`, { hint });
  }
}

/** Throws UsageError where the data are no longer those of the training that was interrupted. */
export function checkData(before: Facts['data'], now: Facts['data'], description: string): void {
  const part = (['training', 'validation', 'test'] as const).find((name) => before[name] !== now[name]);
  if (part === undefined) return;
  throw new UsageError(
    `The ${part} samples of ${description} are not those with which the run was begun: their digest is ${now[part]}, not ${before[part]}.`,
    { hint: 'Bring the data back as they were, or begin a new run.' },
  );
}

/** Throws UsageError where the weights that are not trained are no longer those of the training that was interrupted. */
export function checkFrozen(before: string, now: string, network: string): void {
  if (before === now) return;
  throw new UsageError(
    `The weights of the network ${network} that are not trained are not those with which the run was begun.`,
    { hint: 'Bring the file of weights back as it was, or begin a new run.' },
  );
}

/** A sentence where the numbers can differ in their last bits from those of a training that was never interrupted. */
export function machineDifference(
  before: Pick<Facts, 'threads' | 'device'>,
  now: Pick<Facts, 'threads' | 'device'>,
): string | null {
  if (before.threads === now.threads && before.device === now.device) return null;
  return `The run was begun on the ${before.device} with ${before.threads} threads and goes on on the ${now.device} with ${now.threads}: numbers may differ in their last digits from those of an uninterrupted run.`;
}

function shown(value: string | number | boolean | undefined): string {
  return value === undefined || value === '' ? 'nothing' : String(value);
}
