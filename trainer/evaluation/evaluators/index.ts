import type { ComponentClass } from '../../components/component.ts';
import type { Evaluator } from '../../components/evaluator.ts';
import { ClassificationEvaluator } from './classification.ts';
import { ReconstructionEvaluator } from './reconstruction.ts';

/** Every evaluator by its name in a configuration. */
export const evaluators: Readonly<Record<string, ComponentClass<Evaluator<object>>>> = {
  classification: ClassificationEvaluator,
  reconstruction: ReconstructionEvaluator,
};
