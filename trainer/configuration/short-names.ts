import type { ParameterName } from '../parameters.ts';
import type { SectionName } from './sections.ts';

/** Parameters with a short name, and the setting that each stands for. What is said of the setting itself wins. */
export const shortNames: readonly (readonly [ParameterName, SectionName, string])[] = [
  ['data', 'data_loader', 'location'],
  ['training_samples', 'data_loader', 'training_samples'],
  ['validation_samples', 'data_loader', 'validation_samples'],
  ['convolutions', 'model_builder', 'convolutions'],
  ['learning_rate', 'training', 'learning_rate'],
];
