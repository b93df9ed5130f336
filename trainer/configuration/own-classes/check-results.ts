import { errorMessage, UsageError } from '../../../src/errors.ts';
import type { EvaluationFunction, Evaluator } from '../../components/evaluator.ts';
import type { CompiledModel, LossName, ModelTask } from '../../components/model-builder.ts';

/** All that there are: a new one does not compile before it stands here. */
const losses: Readonly<Record<LossName, true>> = { binary_crossentropy: true, categorical_crossentropy: true };

/**
 * What a network builder gave, before anything is trained with it.
 * @param name As the configuration calls the builder.
 * Throws UsageError for what is no network, a loss that is not known, and inputs or outputs that do not fit the data.
 */
export function checkCompiledModel(
  compiled: CompiledModel,
  { inputShape, classes }: Pick<ModelTask, 'inputShape' | 'classes'>,
  name: string,
): CompiledModel {
  const { model, loss } = compiled ?? {};
  if (typeof model?.predict !== 'function' || typeof model.countParams !== 'function') {
    throw new UsageError(`The network ${name} is none: getCompiledModel must return {model, loss}.`, {
      hint: 'model is a network of layers of tf, such as tf.sequential({layers: […]}).',
    });
  }
  if (typeof loss !== 'string' || !Object.hasOwn(losses, loss)) {
    throw new UsageError(
      `The network ${name} has the loss ${JSON.stringify(loss)}: expected one of ${Object.keys(losses).join(', ')}.`,
    );
  }
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new UsageError(
      `The network ${name} has ${model.inputs.length} inputs and ${model.outputs.length} outputs: expected one of each.`,
    );
  }
  const [takes, gives] = [model.inputs[0]?.shape.slice(1) ?? [], model.outputs[0]?.shape.slice(1) ?? []];
  if (takes.length !== 3 || takes.some((side, place) => side !== null && side !== inputShape[place])) {
    throw new UsageError(
      `The network ${name} takes inputs of ${takes.join('x')}, but samples are ${inputShape.join('x')} (height, width, channels).`,
    );
  }
  const outputs = classes === 2 ? 1 : classes;
  if (classes > 0 && (gives.length !== 1 || gives[0] !== outputs)) {
    const expected = outputs === 1 ? 'one probability, that of the second' : `a probability of each, ${outputs}`;
    throw new UsageError(
      `The network ${name} gives ${gives.join('x')} values, but of ${classes} classes ${expected}.`,
      {
        hint: 'classOutput(classes) of slipway/trainer gives units, activation and loss of the last layer.',
      },
    );
  }
  return compiled;
}

/**
 * The functions of an evaluator, each tried on a prediction that says nothing: what is wrong with one is known before
 * hours of training, not after.
 * @param name As the configuration calls the evaluator.
 * Throws UsageError for what is no function, throws, or gives no number.
 */
export function checkEvaluator(evaluator: Evaluator<object>, classes: number, name: string): void {
  const functions: Readonly<Record<string, EvaluationFunction>> = evaluator.getEvalFuncs() ?? {};
  const yTrue = Float32Array.from({ length: classes }, (_, label) => (label === 0 ? 1 : 0));
  const yPred = new Float32Array(classes).fill(1 / classes);
  for (const [key, evaluate] of Object.entries(functions)) {
    if (typeof evaluate !== 'function') {
      throw new UsageError(`The evaluator ${name} has ${key}, which is no function.`);
    }
    let value: unknown;
    try {
      value = evaluate(yTrue, yPred);
    } catch (error) {
      throw new UsageError(`The function ${key} of the evaluator ${name} throws: ${errorMessage(error)}`, {
        cause: error,
      });
    }
    if (typeof value !== 'number') {
      throw new UsageError(`The function ${key} of the evaluator ${name} gives a ${typeof value}: expected a number.`);
    }
  }
}
