import type { EpochValues } from './charts/learning-curves.ts';
import { classReport } from './class-scores.ts';
import { areaUnderRoc } from './curves.ts';
import { confusionCounts, countUnscored, type Predictions } from './predictions.ts';
import { printable } from './text.ts';

/** From this factor between the last and the lowest validation loss on, a training is called overfitted. */
const overfittingFactor = 1.25;
/** A training loss above this multiple of what guessing gives means that steps overshoot. */
const worseThanGuessing = 1.2;
/** Gains of the last epoch smaller than this share of the loss are not worth more epochs. */
const gainShare = 0.01;

/**
 * What stands out in a test, each as a sentence, the gravest first: why a model is as bad as it is. Rules of thumb: they
 * say what the numbers show, and are silent where they show nothing.
 */
export function testRemarks(test: Predictions): string[] {
  const { labels, classNames } = test;
  const name = (label: number) => printable(classNames[label] as string);
  if (labels.length === 0) return ['There are no test samples: nothing is known of how well the model does.'];
  const unscored = countUnscored(test);
  if (unscored > 0) {
    return [`${share(unscored, labels.length)} of the test scores are not finite numbers: the weights are broken.`];
  }
  const counts = confusionCounts(test);
  const report = classReport(counts, classNames);
  const said = classNames.map((_, label) => counts.reduce((sum, row) => sum + (row[label] as number), 0));
  const present = report.classes.map((_, label) => label).filter((label) => (report.classes[label]?.support ?? 0) > 0);
  if (present.length === 1) {
    return [`All test samples are of class ${name(present[0] as number)}: the test says nothing of the other classes.`];
  }
  if (isConstant(test))
    return ['The model gives every test sample the same probabilities: it has learned nothing of them.'];
  const saidAlways = said.indexOf(labels.length);
  if (saidAlways >= 0) return [`The model says ${name(saidAlways)} to every test sample.`];
  const largest = Math.max(...report.classes.map(({ support }) => support)) / labels.length;
  const found: string[] = [];
  if (report.accuracy <= largest) {
    found.push(
      `Accuracy ${percent(report.accuracy)} is no better than always saying the largest class (${percent(largest)}).`,
    );
  }
  if (classNames.length === 2 && areaUnderRoc(test, 1) < 0.5) {
    found.push('The scores are the wrong way round more often than not (AUC below 0.5): are the labels swapped?');
  }
  const missed = present.filter((label) => report.classes[label]?.recall === 0);
  if (missed.length > 0) {
    const shown = missed.slice(0, 3).map(name).join(', ');
    found.push(`Never found: ${shown}${missed.length > 3 ? ` and ${missed.length - 3} more classes` : ''}.`);
  }
  return found;
}

/** What stands out in a training that did not diverge; `guessing` is the loss of a network that has learned nothing. */
export function trainingRemarks(history: readonly EpochValues[], guessing: number): string[] {
  const loss = history.at(-1)?.values.loss ?? Number.NaN;
  if (guessing > 0 && loss > worseThanGuessing * guessing) {
    return [
      `The training loss (${loss.toPrecision(3)}) is higher than guessing gives (${guessing.toPrecision(3)}): the learning rate is probably too large.`,
    ];
  }
  const losses = history.flatMap(({ epoch, values }) =>
    Number.isFinite(values.val_loss) ? [{ epoch, loss: values.val_loss as number }] : [],
  );
  const last = losses.at(-1);
  const lowest = losses.reduce(
    (best, next) => (next.loss < best.loss ? next : best),
    losses[0] ?? { epoch: 0, loss: 0 },
  );
  if (last === undefined || losses.length < 2) return [];
  if (last.loss > lowest.loss * overfittingFactor) {
    return [
      `Overfitted: the validation loss was lowest in epoch ${lowest.epoch} (${lowest.loss.toPrecision(3)}) and is ${last.loss.toPrecision(3)} in epoch ${last.epoch}.`,
    ];
  }
  const before = losses.at(-2);
  if (before !== undefined && lowest.epoch === last.epoch && before.loss - last.loss > gainShare * before.loss) {
    return ['The validation loss was still falling in the last epoch: more epochs may help.'];
  }
  return [];
}

function isConstant({ probabilities, classNames, labels }: Predictions): boolean {
  const { length } = classNames;
  return labels.length > 1 && probabilities.every((value, index) => value === probabilities[index % length]);
}

function share(part: number, whole: number): string {
  return part === whole ? 'All' : `${part.toLocaleString('en')} of ${whole.toLocaleString('en')}`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}
