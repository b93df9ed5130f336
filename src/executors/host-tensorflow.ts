import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, mkdtemp, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { environment } from '../config.ts';
import { CannotWriteError, errorCode, UnavailableError, UsageError } from '../errors.ts';
import { runScript } from '../image/index.ts';
import { packageRoot } from '../util/package-root.ts';
import { acquireProcessLock } from '../util/process-lock.ts';
import { tellTidied } from '../util/tidy-line.ts';

const binding = '@tensorflow/tfjs-node-gpu';
const tensorflowVersion = '2.21.0';

export interface HostTensorflowOptions {
  /** A project with its npm packages installed, in it or in a folder above it. */
  readonly projectDirectory: string;
  /** How to install them; `make setup` by default. */
  readonly installHint?: string;
  /** Where the libraries are kept for the next time. */
  readonly cacheDirectory: string;
  readonly flavor: 'cpu' | 'gpu';
  readonly signal: AbortSignal;
  readonly onProgress: (text: string, line?: string) => void;
}

/** True for a project whose package.json depends on TensorFlow's binding. */
export async function needsTensorflow(projectDirectory: string): Promise<boolean> {
  const text = await readFile(join(projectDirectory, 'package.json'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '{}';
    throw error;
  });
  const manifest = JSON.parse(text) as Record<string, Record<string, string> | undefined>;
  return ['dependencies', 'optionalDependencies'].some((key) => manifest[key]?.[binding] !== undefined);
}

/**
 * Makes TensorFlow loadable for a project on this machine: libraries from the official wheel, kept in the cache folder
 * and linked into the package, and the package's binding compiled against them. Returns whether anything had to be made.
 * Throws UnavailableError that names what to install where python3 with pip, or g++, is missing, and CannotWriteError
 * where the package belongs to someone else.
 */
export async function ensureHostTensorflow(options: HostTensorflowOptions): Promise<boolean> {
  const { projectDirectory, flavor } = options;
  const modules = await findModules(projectDirectory);
  if (modules === null) {
    throw new UsageError(`The npm package ${binding} is not installed in ${projectDirectory}.`, {
      hint: options.installHint ?? '`make setup`',
    });
  }
  const folder = join(modules, binding);
  const bindingFile = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  if (await hasOwnLibraries(folder)) {
    if (flavor === 'gpu') {
      throw new UsageError(`${join(folder, 'deps')} holds libraries that were put there by hand, for the CPU alone.`, {
        hint: `To have them replaced: \`rm -r ${join(folder, 'deps')}\``,
      });
    }
    if (await exists(bindingFile)) return false;
  }
  await using _lock = await acquireProcessLock(`slipway-tensorflow ${folder}`, {
    signal: options.signal,
    onWait: () => options.onProgress('Waiting for TensorFlow, which is being installed already'),
  });
  const name = `tensorflow-${tensorflowVersion}-${flavor}`;
  // Another storage's libraries are as good: hundreds of megabytes are not fetched again.
  const prefix = (await linkedLibraries(join(folder, 'deps'), name)) ?? join(options.cacheDirectory, name);
  const installed = await installLibraries(prefix, options);
  const linked = (await hasOwnLibraries(folder)) ? false : await linkLibraries(prefix, join(folder, 'deps'));
  if (await exists(bindingFile)) return installed || linked;
  await requireWritable(folder);
  options.onProgress("Compiling TensorFlow's binding");
  await run('build-tensorflow-binding.sh', [join(prefix, 'include'), modules], options);
  return true;
}

/** The folder of npm packages that holds the binding, as Node.js finds it: the project's own, or one above it. */
async function findModules(projectDirectory: string): Promise<string | null> {
  for (let directory = resolve(projectDirectory); ; directory = dirname(directory)) {
    const modules = join(directory, 'node_modules');
    if (await exists(join(modules, binding))) return modules;
    if (directory === dirname(directory)) return null;
  }
}

/** Where the package's `deps` lead, if whole libraries of that name are there; else null. */
async function linkedLibraries(link: string, name: string): Promise<string | null> {
  if (!(await exists(join(link, 'lib', 'libtensorflow_cc.so.2')))) return null;
  if (!(await lstat(link)).isSymbolicLink()) return null;
  const target = await readlink(link);
  return basename(target) === name ? target : null;
}

async function installLibraries(prefix: string, options: HostTensorflowOptions): Promise<boolean> {
  if (await exists(prefix)) return false;
  await mkdir(options.cacheDirectory, { recursive: true });
  const partial = await mkdtemp(`${prefix}.part-`);
  try {
    await run('install-tensorflow.sh', [partial, options.flavor], options);
    // A temporary folder is closed to all others.
    await chmod(partial, 0o755);
    // By rename: a folder of this name is complete. Another user may have been first.
    await rename(partial, prefix).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return true;
}

/** Links the package's `deps` to the libraries; returns whether it did not lead there already. */
async function linkLibraries(prefix: string, link: string): Promise<boolean> {
  try {
    if ((await readlink(link)) === prefix) return false;
  } catch (error) {
    // EINVAL: a folder, and one without libraries.
    if (errorCode(error) === 'EINVAL') await rm(link, { recursive: true });
    else if (errorCode(error) !== 'ENOENT') throw error;
  }
  await requireWritable(dirname(link));
  const fresh = `${link}.${process.pid}`;
  await symlink(prefix, fresh);
  await rename(fresh, link);
  return true;
}

/** An installation that belongs to someone else can be used, but not made ready. */
async function requireWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new CannotWriteError(`TensorFlow is not ready in ${folder}, and this user cannot write there.`, {
      hint: 'Let its owner run once with --engine host, or install the package in a folder of your own.',
      cause: error,
    });
  }
}

/** True where the package has libraries of its own, in a real folder. */
async function hasOwnLibraries(folder: string): Promise<boolean> {
  const deps = join(folder, 'deps');
  if (!(await exists(join(deps, 'lib', 'libtensorflow_cc.so.2')))) return false;
  return !(await lstat(deps)).isSymbolicLink();
}

async function run(script: string, scriptArguments: string[], options: HostTensorflowOptions): Promise<void> {
  const result = await runScript('sh', [join(packageRoot(), 'deploy', script), ...scriptArguments], {
    environment: environment(),
    signal: options.signal,
    onLine: tellTidied(options.onProgress),
  });
  if (result.exitCode === 0) return;
  const words = result.lastLines.at(-1) ?? `it ended with code ${result.exitCode}`;
  throw new UnavailableError(`TensorFlow could not be made ready on this machine: ${words}`, {
    hint: 'It needs python3 with pip (for the download alone) and g++: `apt-get install python3-pip g++`',
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}
