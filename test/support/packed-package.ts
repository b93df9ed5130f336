import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from './temporary-directory.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** A folder in which the npm package of this checkout is installed, with the modules of the checkout. */
export interface PackedPackage extends AsyncDisposable {
  /** The folder that has it in its `node_modules`. */
  readonly path: string;
  /** The package itself. */
  readonly package: string;
  /** Bytes of the packed file. */
  readonly sizeBytes: number;
  /** A path below the folder. */
  join(...parts: string[]): string;
}

/** Packs the checkout as `npm publish` would, and unpacks it where `npm install` would put it. */
export async function packedPackage(): Promise<PackedPackage> {
  const folder = await temporaryDirectory('slipway-package-');
  const unpacked = folder.join('node_modules', 'slipway');
  await mkdir(unpacked, { recursive: true });
  await run('npm', ['run', 'prepack'], { cwd: root });
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder.path];
  const { stdout } = await run('npm', words, { cwd: root });
  const [{ filename, size }] = JSON.parse(stdout) as [{ filename: string; size: number }];
  await run('tar', ['-xzf', folder.join(filename), '-C', unpacked, '--strip-components=1']);
  await symlink(join(root, 'node_modules'), join(unpacked, 'node_modules'));
  return {
    path: folder.path,
    package: unpacked,
    sizeBytes: size,
    join: folder.join,
    [Symbol.asyncDispose]: folder.remove,
  };
}
