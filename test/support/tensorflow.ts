import { createRequire } from 'node:module';
import util from 'node:util';

export type Tensorflow = typeof import('@tensorflow/tfjs-node-gpu');

let loaded: Tensorflow | undefined;

/** TensorFlow.js with its native library, quiet, for tests that need no device check of their own. */
export function loadTensorflow(): Tensorflow {
  if (loaded) return loaded;
  process.env.TF_CPP_MIN_LOG_LEVEL = '3';
  // Removed in Node 23, still called by tfjs-node 4.22.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray });
  loaded = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu') as Tensorflow;
  return loaded;
}
