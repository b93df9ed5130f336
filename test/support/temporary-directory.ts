import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder that is removed when its scope ends. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
  /** A path below the folder. */
  join(...parts: string[]): string;
  remove(): Promise<void>;
}

/** Makes a fresh folder: `await using directory = await temporaryDirectory()`. */
export async function temporaryDirectory(prefix = 'slipway-test-'): Promise<TemporaryDirectory> {
  const path = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5 });
  return { path, join: (...parts) => join(path, ...parts), remove, [Symbol.asyncDispose]: remove };
}
