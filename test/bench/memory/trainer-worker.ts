import { readFileSync, writeFileSync } from 'node:fs';
import { RunLogAppender } from '../../../src/runlog/index.ts';
import { loadTensorFlow } from '../../../trainer/tensorflow/library.ts';

/**
 * The trainer itself, from its start to its end, with one look at its memory after every epoch. The first argument names
 * the file for what was seen; the others are the trainer's own.
 */
const [file = '', ...argv] = process.argv.slice(2);
const epochs: { tensors: number; residentMiB: number; seconds: number }[] = [];

const { metric } = RunLogAppender.prototype;
RunLogAppender.prototype.metric = function (this: RunLogAppender, ...values: Parameters<typeof metric>): boolean {
  // Once an epoch, after its validation.
  const [key, seconds] = values;
  if (key === 'epoch_seconds') {
    epochs.push({ tensors: loadTensorFlow().memory().numTensors, residentMiB: memoryMiB('VmRSS'), seconds });
  }
  return metric.apply(this, values);
};

process.on('exit', () => writeFileSync(file, JSON.stringify({ epochs, peakMiB: memoryMiB('VmHWM') })));

process.argv.splice(2, process.argv.length, ...argv);
await import('../../../trainer/main.ts');

/** Linux counts in KiB. */
function memoryMiB(field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1]) / 1024;
}
