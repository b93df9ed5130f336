import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LayersModel } from '../../tensorflow/library.ts';
import type { ExportFormat } from '../format.ts';
import { layerView } from '../layers-model.ts';
import { checkSharedLayers } from '../shared-layers.ts';
import { standardTopology, type TopologyEntry } from '../topology.ts';
import { writeWeightsBinary } from '../weights-binary.ts';

/** The form of a model as tfjs loads it again. Throws an UnsupportedLayerError where it would load something else. */
export function checkedTopology(model: LayersModel): TopologyEntry {
  const view = layerView(model);
  const topology = standardTopology(view);
  checkSharedLayers(view, topology);
  return topology;
}

/** A TensorFlow.js layers model: `tfjs/model.json`, as `model.save` writes it, and `tfjs/weights.bin`. */
export const tfjs: ExportFormat = {
  check: (_tf, model) => {
    checkedTopology(model);
  },
  async write({ tf, model, directory, description }) {
    const [json, binary] = ['tfjs/model.json', 'tfjs/weights.bin'];
    await mkdir(path.join(directory, 'tfjs'));
    const weights = await writeWeightsBinary(layerView(model).weights, path.join(directory, binary));
    const content = {
      format: 'layers-model',
      generatedBy: `TensorFlow.js tfjs-layers v${tf.version.tfjs}`,
      convertedBy: null,
      modelTopology: checkedTopology(model),
      userDefinedMetadata: description,
      weightsManifest: [{ paths: ['weights.bin'], weights }],
    };
    await writeFile(path.join(directory, json), JSON.stringify(content));
    const flavor = { code: null, format: 'layers-model', model_path: json, tfjs_version: tf.version.tfjs };
    return { files: [json, binary], modelPath: json, flavors: { tfjs: flavor }, packages: [] };
  },
};
