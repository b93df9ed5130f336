import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ExportFormat } from '../format.ts';
import { writeKerasArchive } from '../keras-archive.ts';
import { kerasConfig } from '../keras-config.ts';
import { kerasFlavor, kerasHints, kerasPackages, kerasPythonFunction } from '../keras-flavor.ts';
import { placeWeights } from '../keras-weights.ts';
import { layerView } from '../layers-model.ts';
import { writeHdf5Weights } from '../weights-hdf5.ts';
import { checkedTopology } from './tfjs.ts';

/** Keras 3's own format: `data/model.keras`, with the two files by which MLflow knows it. */
export const keras: ExportFormat = {
  check: (_tf, model) => {
    kerasConfig(layerView(model), checkedTopology(model));
  },
  async write({ model, directory }) {
    const view = layerView(model);
    const config = kerasConfig(view, checkedTopology(model));
    const folder = path.join(directory, 'data');
    await mkdir(folder, { recursive: true });
    const weights = path.join(folder, 'model.weights.h5');
    await writeHdf5Weights(placeWeights(view), weights);
    await writeKerasArchive(path.join(folder, 'model.keras'), config, weights);
    await rm(weights);
    return {
      files: ['data/model.keras'],
      texts: kerasHints('tf'),
      modelPath: 'data/model.keras',
      flavors: { tensorflow: kerasFlavor('tf') },
      pythonFunction: kerasPythonFunction,
      packages: kerasPackages,
    };
  },
};
