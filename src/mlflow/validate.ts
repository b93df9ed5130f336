import { UsageError } from '../errors.ts';
import type { MetricPoint, StringRecord } from './types.ts';

/** MLflow's limits (`mlflow/utils/validation.py`); lengths count characters. */
export const limits = {
  entitiesPerBatch: 1000,
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  tagsPerBatch: 100,
  keyLength: 250,
  paramValueLength: 6000,
  tagValueLength: 8000,
  experimentNameLength: 500,
  datasetDigestLength: 36,
} as const;

/**
 * Why the server would refuse or silently spoil a metric, or null where it is good. MLflow answers 200 to a
 * fractional step or time and drops the rest of the batch, so nothing wrong may be sent.
 */
export function metricProblem(point: MetricPoint): string | null {
  const keyTrouble = keyProblem(point.key, 'metric');
  if (keyTrouble !== null) return keyTrouble;
  if (typeof point.value !== 'number')
    return `The metric "${point.key}" has the value ${show(point.value)}, not a number.`;
  if (!Number.isSafeInteger(point.step))
    return `The metric "${point.key}" has the step ${show(point.step)}, not an integer.`;
  if (!Number.isSafeInteger(point.timestampMs)) {
    return `The metric "${point.key}" has the time ${show(point.timestampMs)}, not whole milliseconds.`;
  }
  if ((point.datasetName === undefined) !== (point.datasetDigest === undefined)) {
    return `The metric "${point.key}" names a dataset without its digest, or a digest without its dataset.`;
  }
  return null;
}

/** Why a param would be refused or cut, or null. */
export function paramProblem(key: string, value: string): string | null {
  return keyProblem(key, 'param') ?? textProblem(value, `The param "${key}"`, limits.paramValueLength);
}

/** Why a run's tag would be refused or cut, or null. */
export function tagProblem(key: string, value: string): string | null {
  return keyProblem(key, 'tag') ?? textProblem(value, `The tag "${key}"`, limits.tagValueLength);
}

/** Throws a UsageError for the first thing wrong in a batch. */
export function checkBatch(batch: {
  readonly metrics?: readonly MetricPoint[];
  readonly params?: StringRecord;
  readonly tags?: StringRecord;
}): void {
  for (const point of batch.metrics ?? []) check(metricProblem(point));
  for (const [key, value] of Object.entries(batch.params ?? {})) check(paramProblem(key, value));
  for (const [key, value] of Object.entries(batch.tags ?? {})) check(tagProblem(key, value));
}

/** Throws a UsageError where there is a problem. */
export function check(problem: string | null): void {
  if (problem !== null) throw new UsageError(problem);
}

/** Throws unless a value that must be a text without broken characters is one. */
export function checkText(value: unknown, what: string, longest = Number.POSITIVE_INFINITY): void {
  check(textProblem(value, what, longest));
}

/** Throws unless every value of a list of tags or params is a text. */
export function checkRecord(record: StringRecord | undefined, what: string): void {
  for (const [key, value] of Object.entries(record ?? {})) checkText(value, `The ${what} "${key}"`);
}

/** Throws unless a number is an integer that JSON carries exactly. */
export function checkInteger(value: unknown, what: string): void {
  if (!Number.isSafeInteger(value)) throw new UsageError(`${what} is ${show(value)}, not an integer.`);
}

/** Throws unless a value is one of a list: MLflow takes unknown names for "unspecified" without a word. */
export function checkOneOf(value: unknown, allowed: readonly string[], what: string): void {
  if (!allowed.includes(value as string)) {
    throw new UsageError(`${what} is ${show(value)}; it must be one of ${allowed.join(', ')}.`);
  }
}

function keyProblem(key: string, what: string): string | null {
  if (typeof key !== 'string' || key === '') return `A ${what} has no key.`;
  if (key.length > limits.keyLength && [...key].length > limits.keyLength) {
    return `The key of the ${what} "${key.slice(0, 40)}…" is longer than ${limits.keyLength} characters.`;
  }
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(key)) {
    return `The key of the ${what} "${key}" has a character other than letters, digits, _ - . : / and space.`;
  }
  const segments = key.split('/');
  if (key.startsWith('..') || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return `The key of the ${what} "${key}" is not a plain path: no leading, trailing or double "/", no "." or "..".`;
  }
  return null;
}

function textProblem(value: unknown, what: string, longest: number): string | null {
  if (typeof value !== 'string') return `${what} has the value ${show(value)}, not a text.`;
  if (value.length > longest && [...value].length > longest) {
    return `${what} is ${[...value].length} characters long; the server keeps ${longest}.`;
  }
  if (/\p{Surrogate}/u.test(value)) return `${what} has half of a surrogate pair, which is no valid text.`;
  return null;
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
}
