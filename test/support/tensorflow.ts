import { loadTensorFlow, type TensorFlow } from '../../trainer/tensorflow/library.ts';

/** TensorFlow.js with its native library, quiet. */
export function quietTensorFlow(): TensorFlow {
  process.env.TF_CPP_MIN_LOG_LEVEL = '3';
  return loadTensorFlow();
}
