import path from 'node:path';
import type { ExportFormat } from '../format.ts';
import { inputName, modelGraph, outputName, writeSavedModel } from '../graph/saved-model.ts';

/** TensorFlow's SavedModel, of any layer: `savedmodel/saved_model.pb`, with the signature `serving_default`. */
export const savedmodel: ExportFormat = {
  check: (tf, model) => {
    modelGraph(tf, model);
  },
  async write({ tf, model, directory, examples }) {
    await writeSavedModel({ tf, model, directory: path.join(directory, 'savedmodel'), examples });
    // MLflow's name for a SavedModel that is called by a signature, whatever wrote it.
    const flavor = {
      code: null,
      meta_graph_tags: ['serve'],
      model_type: 'tf1-estimator',
      saved_model_dir: 'savedmodel',
      signature_def_key: 'serving_default',
    };
    return {
      files: ['savedmodel/saved_model.pb'],
      modelPath: 'savedmodel',
      flavors: { tensorflow: flavor },
      // Without `data` the loader finds MLmodel, and in it the flavor, in the folder that it is given.
      pythonFunction: { loaderModule: 'mlflow.tensorflow', ends: { input: inputName, output: outputName } },
      packages: ['keras', 'tensorflow'],
    };
  },
};
