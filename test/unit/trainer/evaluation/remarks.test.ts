import { describe, expect, it } from 'vitest';
import { testRemarks, trainingRemarks } from '../../../../trainer/evaluation/remarks.ts';
import { madePredictions, withScores } from '../../../support/made-predictions.ts';

const two = ['uninfected', 'parasitized'];
const usual = madePredictions({ samples: 200, classNames: two });

function history(...losses: readonly number[]) {
  return losses.map((loss, index) => ({ epoch: index + 1, values: { loss: loss / 2, val_loss: loss } }));
}

describe('remarks on a test', () => {
  it('are none for a good model', () => {
    expect(testRemarks(madePredictions({ samples: 200, classNames: two, quality: 3 }))).toEqual([]);
  });

  it.each([
    [withScores(usual, () => 0.7), 'The model gives every test sample the same probabilities'],
    [withScores(usual, (sample) => 0.6 + sample / 1000), 'The model says parasitized to every test sample.'],
    [withScores(usual, () => Number.NaN), 'All of the test scores are not finite numbers'],
    [{ ...usual, labels: new Int32Array(200) }, 'All test samples are of class uninfected'],
    [
      withScores(usual, (sample, label) => (sample === 0 ? 0.9 : 0.4 - 0.3 * label)),
      'The scores are the wrong way round',
    ],
    [withScores(usual, (sample) => ((sample * 37) % 100) / 100), 'is no better than always saying the largest class'],
    [{ ...usual, ids: [], labels: new Int32Array(), probabilities: new Float64Array() }, 'There are no test samples'],
  ])('say why a model is bad (%#)', (predictions, remark) => {
    expect(testRemarks(predictions).join('\n')).toContain(remark);
  });

  it('name the classes that are never found', () => {
    const many = madePredictions({ samples: 300, classNames: ['a', 'b', 'c'], quality: 4 });
    const probabilities = many.probabilities.map((value, index) => (index % 3 === 2 ? 0 : value));
    expect(testRemarks({ ...many, probabilities })).toEqual(['Never found: c.']);
  });
});

describe('remarks on a training', () => {
  it('tell overfitting from a training that is not at its end and from one that is', () => {
    expect(trainingRemarks(history(0.6, 0.4, 0.3, 0.5), Math.log(2))).toEqual([
      'Overfitted: the validation loss was lowest in epoch 3 (0.300) and is 0.500 in epoch 4.',
    ]);
    expect(trainingRemarks(history(0.6, 0.5, 0.4), Math.log(2))).toEqual([
      'The validation loss was still falling in the last epoch: more epochs may help.',
    ]);
    expect(trainingRemarks(history(0.6, 0.4, 0.41), Math.log(2))).toEqual([]);
    expect(trainingRemarks(history(0.6), Math.log(2))).toEqual([]);
    expect(trainingRemarks([], Math.log(2))).toEqual([]);
  });

  it('say that steps overshoot where guessing would do better', () => {
    expect(trainingRemarks(history(1.8, 1.9), Math.log(2))[0]).toMatch(
      /^The training loss \(0\.950\) is higher than guessing gives/,
    );
    expect(trainingRemarks(history(1.8, 1.9), Math.log(10))).toEqual([]);
  });
});
