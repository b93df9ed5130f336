import { createHash } from 'node:crypto';
import path from 'node:path';
import { formatBytes } from '../src/util/format.ts';
import type { CompiledModel, FrozenBase } from './components/model-builder.ts';
import type { Preprocessor } from './components/preprocessor.ts';
import type { ProgressSink } from './components/setup.ts';
import type { Components } from './configuration/create-components.ts';
import { type Dataset, type SplitName, splitNames } from './data/dataset.ts';
import { StandardPreprocessor } from './data/preprocessors/standard.ts';
import { describeEnvironment } from './evaluation/environment.ts';
import { computeFeatures, modelDigest } from './features/compute-features.ts';
import { cachedFeatures } from './features/feature-cache.ts';
import type { FeatureFile } from './features/feature-file.ts';
import { type FeatureShape, featureDataset } from './features/feature-loader.ts';
import type { LayersModel, TensorFlow } from './tensorflow/library.ts';
import type { TrainingRun } from './training-run.ts';

/** To be raised where the features of equal inputs change by something that the digest does not hold. */
const featuresVersion = 1;

/** What the training's steps run: a network and what it is given. */
export interface TrainedPart {
  readonly model: LayersModel;
  readonly dataset: Dataset;
  readonly preprocessor: Preprocessor<object>;
}

/** A network, and the data that it is trained on. */
export interface TrainedPartOptions {
  readonly run: TrainingRun;
  readonly tf: TensorFlow;
  readonly compiled: CompiledModel;
  readonly components: Components;
  readonly dataset: Dataset;
  readonly threads: number;
  readonly progress: ProgressSink;
}

/**
 * The whole network with its images; where its base is frozen and images are the same in every epoch, the layers behind
 * the base with the base's features, which are computed once and kept in the storage folder.
 */
export async function trainedPart(options: TrainedPartOptions): Promise<TrainedPart> {
  const { run, compiled, components, dataset } = options;
  const { preprocessor } = components;
  const { model, frozenBase = null } = compiled;
  if (frozenBase === null) return { model, dataset, preprocessor };
  const reason =
    components.augmentor !== null
      ? 'images are augmented anew in every epoch'
      : // Any other may change images in every epoch, or what the labels are.
        preprocessor.constructor !== StandardPreprocessor
        ? 'only the preprocessor standard is known to give the same inputs in every epoch'
        : null;
  if (reason !== null) {
    run.line(`Features of the frozen base: computed in every step, since ${reason}.`);
    return { model, dataset, preprocessor };
  }
  const shape = frozenBase.base.outputs[0]?.shape.slice(1) as unknown as FeatureShape;
  const files = await featuresOf(options, frozenBase, shape);
  return {
    model: frozenBase.head,
    dataset: featureDataset(dataset, files, shape),
    preprocessor: new StandardPreprocessor({ scaling: 'none' }),
  };
}

async function featuresOf(
  { run, tf, components, dataset, threads, progress }: TrainedPartOptions,
  { base }: FrozenBase,
  shape: FeatureShape,
): Promise<Record<SplitName, FeatureFile>> {
  const { preprocessor } = components;
  const directory = cacheDirectory(run);
  const digests = digestsOf(dataset, {
    version: featuresVersion,
    base: await modelDigest(base),
    preprocessor: preprocessor.parameters,
    input: [dataset.imageShape, dataset.dtype],
    environment: await environmentOf(tf, threads),
  });
  const files = {} as Record<SplitName, FeatureFile>;
  const told: string[] = [];
  for (const part of splitNames) {
    const set = { ids: dataset.splits[part].ids, shape };
    const { file, isReused } = await cachedFeatures({
      ...{ directory, digest: digests[part], set },
      make: (write) =>
        computeFeatures({ tf, base, dataset, preprocessor, signal: run.signal }, part, write, (done, total) =>
          progress(`features of ${part}`, done, total, 'images'),
        ),
      onDamage: (damage) =>
        run.warn(`warning: the features of ${part} in ${directory} are damaged (${damage}) and are computed again.`),
    });
    files[part] = file;
    told.push(`${part} ${isReused ? 'reused' : 'computed'}`);
  }
  const samples = splitNames.reduce((sum, part) => sum + dataset.splits[part].ids.length, 0);
  const values = shape.reduce((product, length) => product * length, 1);
  const size = formatBytes(samples * values * Float32Array.BYTES_PER_ELEMENT);
  run.line(`Features of the frozen base: ${values} an image, ${size} in ${directory}; ${told.join(', ')}.`);
  return files;
}

/** `<storage>/cache/features`; where no storage folder is named, in the one that holds the run, or the run itself. */
function cacheDirectory({ environment, folder }: TrainingRun): string {
  const storage =
    environment.storageDirectory ?? (folder.launched ? folder.directory : path.resolve(folder.directory, '../..'));
  return path.join(path.resolve(storage), 'cache', 'features');
}

/** By part: 32 hexadecimal digits of everything that its features depend on. */
function digestsOf(dataset: Dataset, common: object): Record<SplitName, string> {
  const digest = (part: SplitName): string =>
    createHash('sha256')
      .update(JSON.stringify({ ...common, data: dataset.splits[part].digest }))
      .digest('hex')
      .slice(0, 32);
  return { training: digest('training'), validation: digest('validation'), test: digest('test') };
}

/** What decides the last digits: equal parameters are to give equal numbers, whatever was computed here before. */
async function environmentOf(tf: TensorFlow, threads: number): Promise<object> {
  const { tensorflow, cpu, gpu } = (await describeEnvironment({ tf, threads })) as Record<string, unknown>;
  const { model, instruction_sets } = cpu as Record<string, unknown>;
  return { tensorflow, model, instruction_sets, gpu };
}
