/**
 * What a class of one's own is made of: `import { ListLoader, z } from 'slipway/trainer'`. Nothing of it loads TensorFlow,
 * which a network gets with its task. docs/components.md shows each part.
 */

export { z } from 'zod';
export { UsageError } from '../src/errors.ts';
export {
  Augmentor,
  type Batch,
  type CompiledModel,
  type ComponentSetup,
  DataLoader,
  type DataOrigin,
  type EvaluationFunction,
  Evaluator,
  type FrozenBase,
  generatorOf,
  type Image,
  type LossName,
  ModelBuilder,
  type ModelTask,
  type PixelRange,
  type Pixels,
  Preprocessor,
  plainSetup,
  type Sample,
  type SampleGenerator,
  type TaskName,
} from './components/index.ts';
export { decodeImage } from './data/image-decoder.ts';
export { type ListedSample, ListLoader, listParameters, type SampleList } from './data/loaders/list-loader.ts';
export { StandardPreprocessor } from './data/preprocessors/standard.ts';
export { classOutput, glorotUniform, heNormal } from './models/shared.ts';
export { type RandomSource, randomSource, shuffled } from './random.ts';
export type { LayersModel, TensorFlow } from './tensorflow/library.ts';
