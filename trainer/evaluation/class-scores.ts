/** How well a model finds one class. */
export interface ClassScores {
  readonly name: string;
  /** Share of what was said to be of the class that is; 0 where nothing was. */
  readonly precision: number;
  /** Share of the class that was found; 0 where the class has no samples. */
  readonly recall: number;
  /** Harmonic mean of both; 0 where both are 0. */
  readonly f1: number;
  /** Samples of the class. */
  readonly support: number;
}

/** The classes one by one and together, as scikit-learn's `classification_report` gives them. */
export interface ClassReport {
  readonly classes: readonly ClassScores[];
  readonly accuracy: number;
  /** Means over the classes, each counting the same. */
  readonly macroAverage: ClassScores;
  /** Means over the classes, each counting by its samples. */
  readonly weightedAverage: ClassScores;
}

/**
 * Precision, recall, F1 and support of every class, from `counts[actual][predicted]`. Shares of nothing are 0.
 * Formulas: scikit-learn, `precision_recall_fscore_support` with `zero_division=0` over all classes.
 */
export function classReport(counts: readonly (readonly number[])[], classNames: readonly string[]): ClassReport {
  const classes = classNames.map((name, label) => {
    const found = counts[label]?.[label] ?? 0;
    const support = sum(counts[label] ?? []);
    const said = sum(counts.map((row) => row[label] ?? 0));
    return { name, ...precisionRecallF1(found, said, support), support };
  });
  const support = sum(classes.map((scores) => scores.support));
  const average = (name: string, weight: (scores: ClassScores) => number): ClassScores => {
    const mean = (of: 'precision' | 'recall' | 'f1') =>
      ratio(sum(classes.map((scores) => weight(scores) * scores[of])), sum(classes.map(weight)));
    return { name, precision: mean('precision'), recall: mean('recall'), f1: mean('f1'), support };
  };
  return {
    classes,
    accuracy: ratio(sum(classes.map((_, label) => counts[label]?.[label] ?? 0)), support),
    macroAverage: average('macro average', () => 1),
    weightedAverage: average('weighted average', (scores) => scores.support),
  };
}

/** The three measures of one class from counts: found rightly, said, and there. */
export function precisionRecallF1(
  found: number,
  said: number,
  support: number,
): { precision: number; recall: number; f1: number } {
  return { precision: ratio(found, said), recall: ratio(found, support), f1: ratio(2 * found, said + support) };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
