export { type ConfusionMatrixOptions, writeConfusionMatrix } from './confusion-matrix.ts';
export { type EnvironmentOptions, writeEnvironment } from './environment.ts';
export { type EpochValues, writeLearningCurves } from './learning-curves.ts';
export { writeModelSummary } from './model-summary.ts';
