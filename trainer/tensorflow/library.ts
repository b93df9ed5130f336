import { createRequire } from 'node:module';
import util from 'node:util';
import { errorMessage, UnavailableError } from '../../src/errors.ts';

/** The module `@tensorflow/tfjs-node-gpu`, which serves the CPU too. */
export type TensorFlow = typeof import('@tensorflow/tfjs-node-gpu');

export type {
  LayersModel,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor4D,
  Variable,
} from '@tensorflow/tfjs-node-gpu';

let loaded: TensorFlow | null = null;

/**
 * Loads TensorFlow once. What the library reads from the environment must be set before (`prepareLibraryEnvironment`).
 * Throws UnavailableError where its native part cannot be loaded.
 */
export function loadTensorFlow(): TensorFlow {
  if (loaded !== null) return loaded;
  // tfjs-node 4.22 calls two functions that Node.js 23 removed; Node.js 22 warns of them unless they are replaced.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray });
  try {
    loaded = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu') as TensorFlow;
  } catch (error) {
    throw new UnavailableError(`TensorFlow's library cannot be loaded: ${errorMessage(error)}`, {
      hint: 'Let the launcher start the training (make run, on any engine): it gets the library.',
      cause: error,
    });
  }
  return loaded;
}
