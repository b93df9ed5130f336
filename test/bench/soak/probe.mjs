// Loaded into every Node.js process of a soak by NODE_OPTIONS: an agent then tells, every few seconds, what it holds.
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const everyMs = 5000;
const { SLIPWAY_SOAK_FOLDER: folder } = process.env;

if (folder !== undefined && process.argv[2] === 'agent') {
  // What is not collected yet is no growth: resident memory follows the collector's leisure.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const timer = setInterval(() => {
    collect();
    const { rss, heapUsed, external } = process.memoryUsage();
    const resources = process.getActiveResourcesInfo();
    const count = (name) => resources.filter((each) => each === name).length;
    const line = {
      timeMs: Date.now(),
      descriptors: readdirSync('/proc/self/fd').length,
      residentMiB: rss / 2 ** 20,
      heldMiB: (heapUsed + external) / 2 ** 20,
      timers: count('Timeout') + count('Immediate'),
      resources: resources.length,
    };
    appendFileSync(join(folder, `agent-${process.pid}.ndjson`), `${JSON.stringify(line)}\n`);
  }, everyMs);
  timer.unref();
}
