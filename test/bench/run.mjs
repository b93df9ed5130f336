// `node test/bench/run.mjs NAME [arguments]` runs test/bench/NAME/main.ts without a build.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [name = '', ...rest] = process.argv.slice(2);
const hooks = pathToFileURL(join(import.meta.dirname, '../support/typescript-hooks.mjs')).href;
const main = join(import.meta.dirname, name, 'main.ts');
const { status } = spawnSync(process.execPath, ['--import', hooks, main, ...rest], { stdio: 'inherit' });
process.exitCode = status ?? 1;
