import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resizeImage } from '../../trainer/data/resize.ts';
import { binaryMetrics } from '../../trainer/evaluation/metrics.ts';
import { randomSource } from '../../trainer/random.ts';
import { pythonPath, type TemporaryDirectory, temporaryDirectory } from '../support/index.ts';
import { runTrainer, trainerEvents } from '../support/trainer.ts';

const run = promisify(execFile);

/** Reads `id,label,score` files and prints scikit-learn's metrics of each. */
const scikitLearn = `
import csv, json, sys
import numpy as np
from sklearn.metrics import (
    accuracy_score, average_precision_score, f1_score, log_loss, precision_score, recall_score, roc_auc_score)
results = []
for path in sys.argv[1:]:
    with open(path) as file:
        rows = list(csv.DictReader(file))
    labels = np.array([int(row["label"]) for row in rows])
    scores = np.array([float(row["score"]) for row in rows])
    predicted = (scores >= 0.5).astype(int)
    results.append({
        "loss": log_loss(labels, scores, labels=[0, 1]),
        "accuracy": accuracy_score(labels, predicted),
        "auc": roc_auc_score(labels, scores),
        "precision": precision_score(labels, predicted, zero_division=0),
        "recall": recall_score(labels, predicted, zero_division=0),
        "f1": f1_score(labels, predicted, zero_division=0),
        "average_precision": average_precision_score(labels, scores),
    })
print(json.dumps(results))
`;

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

async function byScikitLearn(files: readonly string[]): Promise<Record<string, number>[]> {
  const { stdout } = await run(await pythonPath(), ['-c', scikitLearn, ...files]);
  return JSON.parse(stdout);
}

describe('metrics', () => {
  it("agree with scikit-learn's on the very predictions of a training", async () => {
    const argv = [
      '--epochs=2',
      '--convolutions=1',
      '--training-samples=200',
      '--validation-samples=32',
      '--image-size=20',
    ];
    expect(await runTrainer(argv, { SLIPWAY_RUN_DIR: folder.path })).toMatchObject({ exitCode: 0 });
    const [expected = {}] = await byScikitLearn([folder.join('artifacts/predictions.csv')]);
    const logged = (await trainerEvents(folder.path)).flatMap((event) =>
      event.type === 'metric' && event.key.startsWith('test_') && event.key !== 'test_brier_score'
        ? [[event.key.slice(5), event.value] as const]
        : [],
    );
    expect(logged).toHaveLength(7);
    for (const [key, value] of logged) expect(Math.abs(Number(value) - (expected[key] as number))).toBeLessThan(1e-6);
  });

  it("agree with scikit-learn's where scores tie, saturate, or say one class only", async () => {
    const random = randomSource('scores');
    const labels = Array.from({ length: 500 }, () => random.integer(2));
    const cases: Record<string, number[]> = {
      plain: labels.map((label) => Math.fround(0.2 * label + 0.8 * random.next())),
      tied: labels
        .map((label) => Math.round(8 * (0.3 * label + 0.7 * random.next())) / 8)
        .map((s) => Math.min(Math.max(s, 0.125), 0.875)),
      saturated: labels.map((label) => Math.fround(label === 1 ? 1 - 1e-9 : 1e-12)),
      low: labels.map(() => 0.49 * random.next()),
    };
    const files = Object.keys(cases).map((name) => folder.join(`${name}.csv`));
    for (const [index, scores] of Object.values(cases).entries()) {
      const lines = scores.map((score, row) => `${row},${labels[row]},${score}`);
      await writeFile(files[index] as string, `id,label,score\n${lines.join('\n')}\n`);
    }
    const expected = await byScikitLearn(files);
    for (const [index, scores] of Object.values(cases).entries()) {
      const ours = binaryMetrics(labels, scores);
      for (const [key, value] of Object.entries(ours)) {
        expect(Math.abs(value - (expected[index]?.[key] as number)), `${files[index]} ${key}`).toBeLessThan(1e-6);
      }
    }
  });
});

describe('resizing', () => {
  it("agrees with TensorFlow's antialiased bilinear resizing to a rounding step", async () => {
    const random = randomSource('pixels');
    const sizes = [
      [31, 47, 20, 20],
      [142, 148, 50, 50],
      [20, 30, 50, 50],
      [50, 50, 49, 51],
    ] as const;
    const cases = sizes.map(([height, width, newHeight, newWidth]) => {
      const pixels = Uint8Array.from({ length: height * width * 3 }, () => random.integer(256));
      const ours = resizeImage({ pixels, height, width, channels: 3 }, newHeight, newWidth);
      return { shape: [height, width, 3], size: [newHeight, newWidth], pixels: [...pixels], ours: [...ours.pixels] };
    });
    await writeFile(folder.join('cases.json'), JSON.stringify(cases));
    const script = `
import json, sys
import numpy as np
import tensorflow as tf
for case in json.load(open(sys.argv[1])):
    image = np.array(case["pixels"], dtype=np.float32).reshape(case["shape"])
    expected = tf.image.resize(image, case["size"], method="bilinear", antialias=True).numpy()
    print(np.abs(expected.ravel() - np.array(case["ours"])).max())
`;
    const environment = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
    const { stdout } = await run(await pythonPath(), ['-c', script, folder.join('cases.json')], { env: environment });
    const differences = stdout.trim().split('\n').map(Number);
    expect(differences).toHaveLength(sizes.length);
    for (const difference of differences) expect(difference).toBeLessThan(0.51);
  });
});
