import { writeFileSync } from 'node:fs';
import { RunLogAppender } from '../../../src/runlog/index.ts';

/** `trainer-worker.ts VALUES RESULTS [quiet]`: steps of computing with ten values each, as fast as they come. */
const [values = '', results = '', quiet] = process.argv.slice(2);
const valuesPerStep = 10;
const workPerStep = 8_000;

const { SLIPWAY_RUN_DIR: runDirectory } = process.env;
const log = quiet === 'quiet' || runDirectory === undefined ? null : RunLogAppender.open(runDirectory, 'trainer');
const startedMs = performance.now();
let state = 1;
for (let step = 0; step < Number(values) / valuesPerStep; step++) {
  for (let work = 0; work < workPerStep; work++) state = (state * 1103515245 + 12345) % 2147483648;
  for (let key = 0; key < valuesPerStep; key++) log?.metric(`metric_${key}`, state / (key + 7), step);
}
log?.close();
writeFileSync(
  results,
  JSON.stringify({ seconds: (performance.now() - startedMs) / 1000, endedAtMs: Date.now(), state }),
);
