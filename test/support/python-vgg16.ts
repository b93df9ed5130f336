import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonPath } from './python.ts';

/** The files of weights as Keras writes them, and what Keras's VGG16 makes of images. */
const script = `
import inspect, json, os, re, sys
import h5py, keras, numpy as np
from keras.applications import vgg16
from keras.src.applications import vgg16 as source
os.chdir(sys.argv[1])
keras.utils.set_random_seed(5)
size = 48
# With its dense layers, small ones in effect: those of 224 pixels would be half a gigabyte.
whole = vgg16.VGG16(weights=None, include_top=True, input_shape=(32, 32, 3), classes=3)
for layer in whole.layers:
    # Biases that are not all zero, as after a training.
    if layer.weights:
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel, np.random.default_rng(len(layer.name)).normal(0, 0.1, bias.shape)])
base = vgg16.VGG16(weights=None, include_top=False, input_shape=(size, size, 3))
for layer in base.layers:
    layer.set_weights(whole.get_layer(layer.name).get_weights() if layer.weights else [])

def published(name, model):
    """The layout and the names of the files that Keras publishes, which Keras 1 wrote."""
    with h5py.File(name, "w") as file:
        file.attrs["layer_names"] = np.array([layer.name.encode() for layer in model.layers])
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{kind}_1:0".encode() for kind in "Wb"] if layer.weights else []
            group.attrs["weight_names"] = np.array(names, dtype="S") if names else np.zeros(0)
            for weight, values in zip(names, layer.get_weights()):
                group.create_dataset(weight.decode(), data=values)

published("published-notop.h5", base)
published("published.h5", whole)
base.save_weights("keras3-notop.weights.h5")
whole.save_weights("keras3.weights.h5")
base.save("model-notop.h5")
other = keras.applications.MobileNet(weights=None, include_top=False, input_shape=(32, 32, 3))
other.save_weights("other.weights.h5")

random = np.random.default_rng(3)
color = random.integers(0, 256, (4, size, size, 3), np.uint8)
grey = random.integers(0, 256, (4, size, size, 1), np.uint8)
features = lambda images: base.predict(vgg16.preprocess_input(images.astype("float32")), verbose=0).ravel().tolist()
json.dump({
    "color": {"pixels": color.ravel().tolist(), "features": features(color)},
    "grey": {"pixels": grey.ravel().tolist(), "features": features(np.repeat(grey, 3, axis=-1))},
    "published": {
        "checksums": re.findall(r'file_hash="([0-9a-f]{32})"', inspect.getsource(source)),
        "urls": [source.WEIGHTS_PATH, source.WEIGHTS_PATH_NO_TOP],
    },
}, open("expected.json", "w"))
`;

/** Images of Keras's side of the comparison, 4 of 48x48 pixels. */
export interface KerasFeatures {
  readonly pixels: readonly number[];
  /** [4, 1, 1, 512], row by row, after Keras's own preprocessing. */
  readonly features: readonly number[];
}

export interface PythonVgg16 {
  readonly color: KerasFeatures;
  readonly grey: KerasFeatures;
  /** What Keras's source says of the files that it downloads. */
  readonly published: { readonly checksums: readonly string[]; readonly urls: readonly string[] };
}

/** The files of the same convolutions, by what they are. */
export const vgg16Files = {
  'the published layout without its top': 'published-notop.h5',
  'the published layout': 'published.h5',
  'Keras 3 without its top': 'keras3-notop.weights.h5',
  'Keras 3': 'keras3.weights.h5',
  'a whole model': 'model-notop.h5',
} as const;

/** Has real Keras write a VGG16 of random weights into a folder, in every layout, and `other.weights.h5` of MobileNet. */
export async function writePythonVgg16(folder: string): Promise<PythonVgg16> {
  await promisify(execFile)(await pythonPath(), ['-c', script, folder], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '', KERAS_BACKEND: 'tensorflow' },
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as PythonVgg16;
}
