import { errorMessage, UsageError } from '../../../src/errors.ts';
import type { EvaluationFunction, Evaluator } from '../../components/evaluator.ts';
import type { CompiledModel, ModelTask } from '../../components/model-builder.ts';
import type { Task } from '../../evaluation/tasks/task.ts';
import { outputActivation } from '../../network/forward.ts';
import { epochMetricNamesOf } from '../../training/history.ts';

/** What a network and an evaluator have to fit. */
interface Wanted extends Pick<ModelTask, 'inputShape' | 'classes'> {
  readonly task: Task;
}

/**
 * What a network builder gave, before anything is trained with it.
 * @param name As the configuration calls the builder.
 * Throws UsageError for what is no network, a loss that is not known, and inputs or outputs that do not fit the data.
 */
export function checkCompiledModel(
  compiled: CompiledModel,
  { inputShape, classes, task }: Wanted,
  name: string,
): CompiledModel {
  const { model, loss } = compiled ?? {};
  if (typeof model?.predict !== 'function' || typeof model.countParams !== 'function') {
    throw new UsageError(`The network ${name} is none: getCompiledModel must return {model, loss}.`, {
      hint: 'model is a network of layers of tf, such as tf.sequential({layers: […]}).',
    });
  }
  if (!(task.losses as readonly unknown[]).includes(loss)) {
    throw new UsageError(
      `The network ${name} has the loss ${JSON.stringify(loss)}: expected one of ${task.losses.join(', ')}.`,
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
  if (task.learnsLabels && (gives.length !== 1 || gives[0] !== outputs)) {
    const expected = outputs === 1 ? 'one probability, that of the second' : `a probability of each, ${outputs}`;
    throw new UsageError(
      `The network ${name} gives ${gives.join('x')} values, but of ${classes} classes ${expected}.`,
      {
        hint: 'classOutput(classes) of slipway/trainer gives units, activation and loss of the last layer.',
      },
    );
  }
  if (task.learnsLabels) checkLoss(compiled, outputs, name);
  checkFrozenBase(compiled, name);
  checkMetrics(compiled.metrics, { inputShape, classes, task }, name);
  return compiled;
}

/** Throws UsageError where what stands between a frozen base and the layers behind it is not what is kept of samples. */
function checkFrozenBase({ frozenBase }: CompiledModel, name: string): void {
  if (frozenBase == null) return;
  const gives = frozenBase.base.outputs[0]?.shape.slice(1) ?? [];
  const takes = frozenBase.head.inputs[0]?.shape.slice(1) ?? [];
  if (gives.length === 3 && gives.every((side, place) => side !== null && side === takes[place])) return;
  throw new UsageError(
    `The frozen base of the network ${name} gives ${gives.join('x')} values, and its head takes ${takes.join('x')}: expected the same height, width and channels of both.`,
  );
}

/** Throws UsageError where a loss takes the outputs for something else than they are: the network would learn nonsense. */
function checkLoss({ model, loss }: CompiledModel, outputs: number, name: string): void {
  const wanted = outputs === 1 ? 'binary_crossentropy' : 'categorical_crossentropy';
  if (loss !== wanted) {
    const values = outputs === 1 ? 'one probability' : `${outputs} probabilities`;
    throw new UsageError(`The network ${name} gives ${values}, for which the loss is ${wanted}, and not ${loss}.`);
  }
  const [activation, unfit] = [outputs === 1 ? 'sigmoid' : 'softmax', outputs === 1 ? 'softmax' : 'sigmoid'];
  if (outputActivation(model) !== unfit) return;
  const why = outputs === 1 ? 'which of one value is always 1' : 'whose values are not the shares of a whole';
  throw new UsageError(`The network ${name} ends with ${unfit}, ${why}: expected ${activation}.`);
}

/** Metrics that a network brings: of a classification, with names of their own. */
function checkMetrics(metrics: CompiledModel['metrics'], wanted: Wanted, name: string): void {
  const names = Object.keys(metrics ?? {});
  if (metrics === undefined || names.length === 0) return;
  if (!wanted.task.learnsLabels) {
    throw new UsageError(`The network ${name} brings metrics, but a ${wanted.task.name} has its own alone.`, {
      hint: 'An evaluator can tell more of each of its predictions.',
    });
  }
  const taken = names.find((key) => epochMetricNamesOf(wanted.task).includes(key) || key.startsWith('val_'));
  if (taken !== undefined) {
    throw new UsageError(`The network ${name} brings the metric ${taken}, a name that is taken: choose another.`);
  }
  checkFunctions(metrics, `network ${name}`, wanted);
}

/**
 * The functions of an evaluator, each tried on a prediction that says nothing: what is wrong with one is known before
 * hours of training, not after.
 * @param name As the configuration calls the evaluator.
 * Throws UsageError for what is no function, throws, or gives no number.
 */
export function checkEvaluator(evaluator: Evaluator<object>, wanted: Wanted, name: string): void {
  checkFunctions(evaluator.getEvalFuncs() ?? {}, `evaluator ${name}`, wanted);
}

function checkFunctions(
  functions: Readonly<Record<string, EvaluationFunction>>,
  whose: string,
  { inputShape, classes, task }: Wanted,
): void {
  const length = task.learnsLabels ? classes : inputShape.reduce((product, side) => product * side, 1);
  const yTrue = Float32Array.from({ length }, (_, place) => (place === 0 ? 1 : 0));
  const yPred = new Float32Array(length).fill(1 / length);
  for (const [key, evaluate] of Object.entries(functions)) {
    if (typeof evaluate !== 'function') {
      throw new UsageError(`The ${whose} has ${key}, which is no function.`);
    }
    let value: unknown;
    try {
      value = evaluate(yTrue, yPred);
    } catch (error) {
      throw new UsageError(`The function ${key} of the ${whose} throws: ${errorMessage(error)}`, {
        cause: error,
      });
    }
    if (typeof value !== 'number') {
      throw new UsageError(`The function ${key} of the ${whose} gives a ${typeof value}: expected a number.`);
    }
  }
}
