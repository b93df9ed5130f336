import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ExportFormat } from '../format.ts';
import { createHdf5File } from '../hdf5-file.ts';
import { kerasConfig } from '../keras-config.ts';
import { kerasFlavor, kerasHints, kerasPackages, kerasPythonFunction } from '../keras-flavor.ts';
import type { PlacedWeight } from '../keras-weights.ts';
import { type LayerView, layerView } from '../layers-model.ts';
import { pythonVersions } from '../versions.ts';
import { addWeights } from '../weights-hdf5.ts';
import { checkedTopology } from './tfjs.ts';

/** Keras's format of old, one HDF5 file: `data/model.h5` (`keras/src/legacy/saving/legacy_h5_format.py`). */
export const h5: ExportFormat = {
  check: (_tf, model) => {
    kerasConfig(layerView(model), checkedTopology(model));
  },
  async write({ model, directory }) {
    const view = layerView(model);
    const { class_name, config } = kerasConfig(view, checkedTopology(model));
    await mkdir(path.join(directory, 'data'), { recursive: true });
    const hdf5 = await createHdf5File(path.join(directory, 'data', 'model.h5'));
    try {
      const [top, layers] = ['model_weights', view.layers ?? []];
      hdf5.addGroup(top);
      for (const group of ['', top]) {
        hdf5.setAttribute(group, 'keras_version', pythonVersions.keras);
        hdf5.setAttribute(group, 'backend', 'tensorflow');
      }
      hdf5.setAttribute('', 'model_config', JSON.stringify({ class_name, config }));
      hdf5.setAttribute(
        top,
        'layer_names',
        layers.map(({ name }) => name),
      );
      for (const layer of layers) {
        const weights = legacyWeights(layer);
        const group = `${top}/${layer.name}`;
        hdf5.addGroup(group);
        hdf5.setAttribute(
          group,
          'weight_names',
          weights.map(({ path: name }) => name),
        );
        await addWeights(
          hdf5,
          weights.map(({ path: name, weight }) => ({ path: `${group}/${name}`, weight })),
        );
      }
    } finally {
      hdf5.close();
    }
    return {
      files: ['data/model.h5'],
      texts: kerasHints('h5'),
      modelPath: 'data/model.h5',
      flavors: { tensorflow: kerasFlavor('h5') },
      pythonFunction: kerasPythonFunction,
      packages: kerasPackages,
    };
  },
};

/** A layer's weights in the order in which Keras takes them, whatever they are called: first those that are trained. */
function legacyWeights(layer: LayerView): PlacedWeight[] {
  const timesUsed = new Map<string, number>();
  return [...layer.trainableWeights, ...layer.nonTrainableWeights].map((weight) => {
    const { originalName: name } = weight;
    const times = timesUsed.get(name) ?? 0;
    timesUsed.set(name, times + 1);
    return { path: times === 0 ? name : `${name}_${times}`, weight };
  });
}
