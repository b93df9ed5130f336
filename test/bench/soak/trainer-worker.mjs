// `trainer-worker.mjs SECONDS`: a training that goes on for so long: values, lines of output, a file now and then.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const seconds = Number(process.argv[2]);
const { SLIPWAY_RUN_DIR: runDirectory } = process.env;
const log = join(runDirectory, 'events', 'trainer.ndjson');
const say = (event) => appendFileSync(log, `${JSON.stringify({ v: 1, ...event })}\n`);
mkdirSync(join(runDirectory, 'events'), { recursive: true });

const endMs = Date.now() + seconds * 1000;
for (let step = 0; Date.now() < endMs; step++) {
  for (const key of ['loss', 'accuracy', 'rate']) {
    say({ type: 'metric', key, value: 1 / (step + 1), step, time_ms: Date.now() });
  }
  process.stdout.write(`step ${step}\n`);
  if (step % 60 === 0) {
    writeFileSync(join(runDirectory, 'artifacts', `step-${step}.txt`), 'x'.repeat(100_000));
    say({ type: 'artifact', path: `artifacts/step-${step}.txt` });
  }
  await sleep(500);
}
