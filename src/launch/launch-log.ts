import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../errors.ts';
import { parseLaunchEvent } from '../event-schema.ts';
import { type EventSink, type LaunchEvent, launchEventLine } from '../events.ts';
import { maskSecretsIn } from '../util/index.ts';

/** What the launcher told while it planned a run, for those who watch it later; relative to the run folder. */
const logName = join('logs', 'launch.log');

/** What a later watcher is told, too; what was of interest for a fault was so at that time. */
const keptTypes: ReadonlySet<LaunchEvent['type']> = new Set(['notice', 'warning', 'step-finished'] as const);

/** Hands events on, and keeps them until there is a folder for them. */
export class LaunchLog {
  readonly #events: LaunchEvent[] = [];
  readonly sink: EventSink;

  constructor(sink: EventSink) {
    this.sink = (event) => {
      if (keptTypes.has(event.type)) this.#events.push(event);
      sink(event);
    };
  }

  /** Writes what was told to the run's folder, without the secrets that it may repeat. */
  write(runDirectory: string, secrets: readonly string[]): void {
    const lines = this.#events.map((event) => `${launchEventLine(maskSecretsIn(event, secrets))}\n`);
    writeFileSync(join(runDirectory, logName), lines.join(''));
  }
}

/** What the launcher told of a run; nothing of one that an earlier version launched. */
export async function readLaunchLog(runDirectory: string): Promise<LaunchEvent[]> {
  try {
    const lines = (await readFile(join(runDirectory, logName), 'utf8')).split('\n');
    return lines.map(parseLaunchEvent).filter((event) => event !== null);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
