import { existsSync } from 'node:fs';

/** Beside the times of the plan: an agent looks at its folder every second, and ends the program first. */
const slackMs = 5_000;

/** Notices that a run folder is gone: its agent then has nowhere to tell those who watch how the run ends. */
export class FolderRemoval {
  readonly #directory: string;
  readonly #patienceMs: number;
  #goneSinceMs: number | null = null;

  /** @param endingMs How long the agent may take to end the program and to tell its server. */
  constructor(directory: string, endingMs: number) {
    this.#directory = directory;
    this.#patienceMs = endingMs + slackMs;
  }

  /** True once it has been gone for so long that there is nothing to wait for; to be asked now and then. */
  isFinal(): boolean {
    if (existsSync(this.#directory)) this.#goneSinceMs = null;
    else this.#goneSinceMs ??= performance.now();
    return this.#goneSinceMs !== null && performance.now() - this.#goneSinceMs > this.#patienceMs;
  }
}
