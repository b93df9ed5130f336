import path from 'node:path';
import { atomicWriteFile } from '../src/util/atomic-write-file.ts';
import type { ExportedModel } from './export/index.ts';

/** What is told of a model that was written. */
export interface DeploymentOptions {
  /** Where the two files go; the model's folder is in it. */
  readonly directory: string;
  /** The model's folder. */
  readonly modelDirectory: string;
  readonly exported: ExportedModel;
  readonly name: string;
  /** The network, in words. */
  readonly network: string;
  readonly inputShape: readonly number[];
  readonly dataSource: object;
  /** The epoch whose weights the model has. */
  readonly epoch: number;
  /** What made the training diverge; null where it did not. */
  readonly divergence: string | null;
  /** By key, with `test_` before each. */
  readonly test: Readonly<Record<string, number>>;
}

/**
 * Writes what deployment scripts read: `model.info` says what the model is and how well it did in the test, `output.json`
 * where it lies. Paths are relative to the folder of the two, so that they hold wherever that is copied.
 */
export async function writeDeploymentFiles(options: DeploymentOptions): Promise<string[]> {
  const { directory, exported } = options;
  const [information, output] = [path.join(directory, 'model.info'), path.join(directory, 'output.json')];
  await atomicWriteFile(information, asJson(modelInformation(options)));
  const folder = path.relative(directory, options.modelDirectory);
  const inFolder = (file: string | null | undefined) => (file == null ? null : path.posix.join(folder, file));
  // The first is the one that is served, where one is.
  const [model] = Object.values(exported.modelPaths);
  const places = {
    model_file_path: inFolder(model),
    meta_file_path: path.relative(directory, information),
    predictor_file_path: inFolder(exported.predictorPath),
  };
  await atomicWriteFile(output, asJson(places));
  return [information, output];
}

function modelInformation(options: DeploymentOptions): object {
  const { exported, name, network, test, epoch, divergence } = options;
  return {
    name,
    network,
    ...exported.output,
    input_shape: options.inputShape,
    formats: Object.keys(exported.modelPaths),
    data_source: options.dataSource,
    epoch,
    divergence,
    test_loss: numberOrNull(test.test_loss),
    ...('test_accuracy' in test ? { test_accuracy: numberOrNull(test.test_accuracy) } : {}),
    test_metrics: Object.fromEntries(Object.entries(test).map(([key, value]) => [key, numberOrNull(value)])),
  };
}

/** JSON has no infinity, and nothing for what is no number. */
function numberOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

function asJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
