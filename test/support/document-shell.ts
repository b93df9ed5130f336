import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTerminal } from './pty.ts';

export interface ShellEnd {
  readonly exitCode: number | null;
  /** What stands on the terminal at the end, and above it. */
  readonly lines: readonly string[];
}

/** A shell in a terminal, in which one command after the other is typed: folder and variables stay from one to the next. */
export class DocumentShell {
  readonly #state: string;
  readonly #columns: number;
  readonly #environment: Readonly<Record<string, string | undefined>>;

  /** `folder` is where it starts, and keeps its state in a file there. */
  constructor(options: {
    readonly folder: string;
    readonly columns: number;
    readonly environment: Readonly<Record<string, string | undefined>>;
  }) {
    this.#state = join(options.folder, '.shell-state');
    this.#columns = options.columns;
    this.#environment = options.environment;
    writeFileSync(this.#state, `cd '${options.folder}'\n`);
  }

  /** Runs one command to its end. */
  async run(command: string): Promise<ShellEnd> {
    const script = [
      `source '${this.#state}'`,
      command,
      'status=$?',
      `{ export -p; printf 'cd %q\\n' "$PWD"; } > '${this.#state}'`,
      'exit "$status"',
    ].join('\n');
    const { exitCode, screen } = await inTerminal(['bash', '--norc', '-c', script], {
      columns: this.#columns,
      environment: this.#environment,
    });
    return { exitCode, lines: screen.lines };
  }
}
