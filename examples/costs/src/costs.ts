import { type EvaluationFunction, Evaluator, z } from 'slipway/trainer';

const cost = (fallback: number, of: string) =>
  z.number().min(0).default(fallback).describe(`What ${of} costs; a right answer costs nothing.`);

const parameters = z.strictObject({
  missed: cost(20, 'an infected cell that is taken for a healthy one'),
  false_alarm: cost(1, 'a healthy cell that is taken for an infected one'),
});

/**
 * What the errors of a network cost. `expected_cost` is that of an answer which the probabilities make the cheapest,
 * `cost` that of the more probable class: where they differ much, another threshold is worth it.
 */
export class CostEvaluator extends Evaluator<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  override getEvalFuncs(): Readonly<Record<string, EvaluationFunction>> {
    const { missed, false_alarm: falseAlarm } = this.parameters;
    const costOf = (isInfected: boolean, saysInfected: boolean): number =>
      isInfected === saysInfected ? 0 : isInfected ? missed : falseAlarm;
    return {
      cost: ([, infected], [, probability = 0]) => costOf(infected === 1, probability >= 0.5),
      expected_cost: ([, infected], [, probability = 0]) =>
        costOf(infected === 1, probability * missed >= (1 - probability) * falseAlarm),
    };
  }
}
