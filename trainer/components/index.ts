export type { Batch } from './batch.ts';
export { Component, type ComponentClass, type GivenParameters, noParameters } from './component.ts';
export { DataLoader, type DataOrigin } from './data-loader.ts';
export { type EvaluationFunction, Evaluator } from './evaluator.ts';
export { type CompiledModel, type FrozenBase, type LossName, ModelBuilder, type ModelTask } from './model-builder.ts';
export { Augmentor, type PixelRange, Preprocessor, type RandomOf, SampleStep } from './preprocessor.ts';
export { generatorOf, type Image, type Pixels, type Sample, type SampleGenerator } from './sample.ts';
export { type ComponentSetup, type ProgressSink, plainSetup } from './setup.ts';
export type { TaskName } from './task.ts';
