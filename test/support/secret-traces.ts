import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A secret as it is, and in base64 as it stands there by itself. */
function formsOf(secret: string): string[] {
  return [secret, Buffer.from(secret).toString('base64').replace(/=*$/, '').slice(0, -1)];
}

/** Files below a folder that hold a secret, in a database and in an archive as well; those that match are passed over. */
export function filesWith(folder: string, secrets: readonly string[], passedOver?: RegExp): string[] {
  const patterns = secrets.flatMap(formsOf).flatMap((form) => ['-e', form]);
  const { stdout } = spawnSync('grep', ['-rlaF', ...patterns, folder], { encoding: 'utf8' });
  return stdout.split('\n').filter((file) => file !== '' && passedOver?.test(file) !== true);
}

/** Secrets that an image holds: in its layers, its history or its labels. */
export function secretsInImage(reference: string, secrets: readonly string[]): string[] {
  const options = { maxBuffer: 2 ** 30 };
  const all = [
    execFileSync('docker', ['save', reference], options),
    execFileSync('docker', ['history', '--no-trunc', reference], options),
    execFileSync('docker', ['image', 'inspect', reference], options),
  ];
  return secrets.filter((secret) => formsOf(secret).some((form) => all.some((bytes) => bytes.includes(form))));
}

/** Looks at the command lines of all processes of this machine again and again, as `ps` shows them to everyone. */
export class CommandLines implements Disposable {
  readonly #seen = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#look(), 5);
  }

  get all(): string[] {
    return [...this.#seen];
  }

  #look(): void {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      try {
        this.#seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
