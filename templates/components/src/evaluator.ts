import { type EvaluationFunction, Evaluator, z } from 'slipway/trainer';

const parameters = z.strictObject({
  sure_from: z.number().min(0).max(1).default(0.8).describe('Probability from which the network counts as sure.'),
});

/**
 * What is asked of each prediction of validation and test: a column of reports/test.csv, and its mean as the metrics
 * test_margin and test_surely_wrong.
 */
export class MarginEvaluator extends Evaluator<z.output<typeof parameters>> {
  static override readonly parameters = parameters;

  override getEvalFuncs(): Readonly<Record<string, EvaluationFunction>> {
    return {
      margin: (yTrue, yPred) => yPred[yTrue.indexOf(1)]! - Math.max(...yPred.filter((_, label) => yTrue[label] !== 1)),
      surely_wrong: (yTrue, yPred) => {
        const highest = Math.max(...yPred);
        return highest >= this.parameters.sure_from && yTrue[yPred.indexOf(highest)] !== 1 ? 1 : 0;
      },
    };
  }
}
