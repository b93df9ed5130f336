import type { WeightSpecification } from './weight-files.ts';

/** A layers model's `model.json`, as tfjs's `model.save` writes it, with the weights in one file beside it. */
export function tfjsModelJson(options: {
  readonly topology: object;
  readonly tfjsVersion: string;
  readonly weightsFile: string;
  readonly weights: readonly WeightSpecification[];
  readonly metadata: object;
}): object {
  return {
    format: 'layers-model',
    generatedBy: `TensorFlow.js tfjs-layers v${options.tfjsVersion}`,
    convertedBy: null,
    modelTopology: options.topology,
    userDefinedMetadata: options.metadata,
    weightsManifest: [{ paths: [options.weightsFile], weights: options.weights }],
  };
}
