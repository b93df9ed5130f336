import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../errors.ts';

const reserveName = '.reserve';
/** Room for the last state, the result and what tells them, a few times over. */
const reserveBytes = 256 * 1024;

/**
 * Disk space that is kept in the run folder until the run's end, so that the end can be written down on a disk that is
 * full by then: most often it is the run itself that has filled it.
 */
export class DiskReserve {
  readonly #file: string;
  #isHeld = false;

  constructor(runDirectory: string) {
    this.#file = join(runDirectory, reserveName);
  }

  /** Takes the space. Where it cannot be had, the run goes on without. */
  take(): void {
    try {
      // No zeros: some file systems keep them in no space at all.
      writeFileSync(this.#file, randomBytes(reserveBytes), { mode: 0o600, flag: 'wx' });
      this.#isHeld = true;
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      // Left by an agent before this one; or what was written of it when the disk was full.
      if (errorCode(error) === 'EEXIST') this.#isHeld = true;
      else this.#remove();
    }
  }

  /** Gives the space back; false where none was held. */
  release(): boolean {
    if (!this.#isHeld) return false;
    this.#isHeld = false;
    return this.#remove();
  }

  #remove(): boolean {
    try {
      rmSync(this.#file, { force: true });
      return true;
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return false;
    }
  }
}
