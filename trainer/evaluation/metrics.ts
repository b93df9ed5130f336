/** What says how good scores are, over a whole set of samples. */
export const metricNames = ['loss', 'accuracy', 'auc', 'precision', 'recall'] as const;

export type Metrics = Readonly<Record<(typeof metricNames)[number], number>>;

/** From this score on a sample is predicted positive. */
export const threshold = 0.5;

/** Machine epsilon of single precision, in which scores are computed: the nearest to 0 and 1 that a score can be told from. */
export const scoreEpsilon = 2 ** -23;

/** `counts[actual][predicted]`, with class 1 predicted from the threshold on. */
export function confusionCounts(labels: ArrayLike<number>, scores: ArrayLike<number>): number[][] {
  const counts = [
    [0, 0],
    [0, 0],
  ];
  for (let index = 0; index < scores.length; index += 1) {
    const row = counts[labels[index] as number] as number[];
    const predicted = (scores[index] as number) >= threshold ? 1 : 0;
    row[predicted] = (row[predicted] as number) + 1;
  }
  return counts;
}

/** Mean of -log(probability given to the right class); probabilities are kept 2^-23 away from 0 and 1. */
export function logLoss(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < scores.length; index += 1) {
    const score = Math.min(Math.max(scores[index] as number, scoreEpsilon), 1 - scoreEpsilon);
    sum -= labels[index] === 1 ? Math.log(score) : Math.log1p(-score);
  }
  return sum / scores.length;
}

/**
 * The probability that a positive sample scores above a negative one, ties counting half: the Mann-Whitney statistic
 * by mean ranks, which is the area under the ROC curve.
 */
export function areaUnderRocCurve(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, index) => index);
  order.sort((a, b) => (scores[a] as number) - (scores[b] as number));
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    const score = scores[order[start] as number] as number;
    if (Number.isNaN(score)) return Number.NaN;
    let end = start;
    let positivesInTie = 0;
    while (end < order.length && scores[order[end] as number] === score) {
      if (labels[order[end] as number] === 1) positivesInTie += 1;
      end += 1;
    }
    // Ranks are counted from 1: the tie holds the ranks start + 1 to end.
    rankSum += (positivesInTie * (start + 1 + end)) / 2;
    positives += positivesInTie;
    start = end;
  }
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return Number.NaN;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * All metrics of scores, exactly, from the whole set: the mean log loss; the area under the ROC curve, NaN where only one
 * class is there; a precision of 0 where nothing was predicted positive, a recall of 0 where nothing is positive.
 */
export function binaryMetrics(labels: ArrayLike<number>, scores: ArrayLike<number>): Metrics {
  const counts = confusionCounts(labels, scores);
  const [trueNegatives = 0, falsePositives = 0] = counts[0] ?? [];
  const [falseNegatives = 0, truePositives = 0] = counts[1] ?? [];
  const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    loss: logLoss(labels, scores),
    accuracy: (truePositives + trueNegatives) / scores.length,
    auc: areaUnderRocCurve(labels, scores),
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
  };
}
