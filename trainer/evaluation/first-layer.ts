import type { LayersModel, Tensor, TensorFlow } from '../tensorflow/library.ts';
import type { Kernels } from './images/filter-pictures.ts';

/**
 * The kernels of the first layer with weights, copied from the device; null where that is no two-dimensional convolution,
 * or one that is not trained.
 */
export async function firstLayerKernels(tf: TensorFlow, model: LayersModel): Promise<Kernels | null> {
  const layer = model.layers.find(({ weights }) => weights.length > 0);
  if (layer === undefined || layer.getClassName() !== 'Conv2D' || !layer.trainable) return null;
  const kernel = layer.getWeights()[0] as Tensor;
  const [height = 0, width = 0, channels = 0, filters = 0] = kernel.shape;
  // A copy: the weights themselves must outlive the reading.
  const copy = tf.clone(kernel);
  try {
    const values = (await copy.data()) as Float32Array;
    return { layer: layer.name, height, width, channels, filters, values: values.slice() };
  } finally {
    copy.dispose();
  }
}
