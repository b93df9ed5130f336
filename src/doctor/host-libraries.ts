import { access, lstat, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorCode } from '../errors.ts';
import { needsTensorflow } from '../executors/host-tensorflow.ts';
import { type DoctorContext, shared } from './context.ts';

/** TensorFlow as a project has it on this machine. */
export interface HostLibraries {
  /** The npm package's folder. */
  readonly package: string;
  /** Where its libraries are linked from, or lie; null where there are none yet. */
  readonly prefix: string | null;
  /** True where somebody put them into the package itself. */
  readonly isByHand: boolean;
  readonly flavor: 'cpu' | 'gpu' | null;
  readonly libraries: readonly string[];
  readonly binding: string;
}

const npmPackage = '@tensorflow/tfjs-node-gpu';

/** Whether the project trains with TensorFlow.js; false where its package.json cannot be read, which is told elsewhere. */
export const usesTensorflow = shared(async ({ projectDirectory }: DoctorContext): Promise<boolean> => {
  try {
    return await needsTensorflow(projectDirectory);
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === 'EACCES') return false;
    throw error;
  }
});

/** The libraries that a run on the host would load; null where the npm package is not installed. */
export const hostLibraries = shared(async ({ projectDirectory }: DoctorContext): Promise<HostLibraries | null> => {
  const folder = join(projectDirectory, 'node_modules', npmPackage);
  if (!(await isThere(join(folder, 'package.json')))) return null;
  const link = join(folder, 'deps');
  const names = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  const libraries = names.map((name) => join(link, 'lib', name));
  const common = { package: folder, libraries, binding: join(folder, 'lib', 'napi-v8', 'tfjs_binding.node') };
  // A link to a folder that is gone is as good as none.
  if (!(await isThere(join(link, 'lib')))) return { ...common, prefix: null, isByHand: false, flavor: null };
  const prefix = await realpath(link);
  const isByHand = !(await lstat(link)).isSymbolicLink();
  const isGpu = isByHand ? await isThere(join(prefix, 'nvidia')) : basename(prefix).endsWith('-gpu');
  return { ...common, prefix, isByHand, flavor: isGpu ? 'gpu' : 'cpu' };
});

/** Whether there is something at a path. */
export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
