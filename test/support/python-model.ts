import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { pythonPath } from './python.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** One Python for everything: importing TensorFlow is what takes time. */
const script = `
import csv, json, sys
import mlflow, numpy as np
from sklearn.metrics import (
    accuracy_score, average_precision_score, f1_score, log_loss, precision_score, recall_score, roc_auc_score)
model_uri, run_id, inputs_file, shape = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
model = mlflow.pyfunc.load_model(model_uri)
predict = lambda inputs: np.asarray(model.predict(inputs)).ravel().tolist()
with open(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="predictions.csv")) as file:
    rows = list(csv.DictReader(file))
labels = np.array([int(row["label"]) for row in rows])
scores = np.array([float(row["score"]) for row in rows])
predicted = (scores >= 0.5).astype(int)
print(json.dumps({
    "ids": [row["id"] for row in rows],
    "trainer": scores.tolist(),
    "python": predict(np.fromfile(inputs_file, dtype=np.float32).reshape(shape)),
    "example": predict(model.input_example),
    "metrics": {
        "loss": log_loss(labels, scores, labels=[0, 1]),
        "accuracy": accuracy_score(labels, predicted),
        "auc": roc_auc_score(labels, scores),
        "precision": precision_score(labels, predicted, zero_division=0),
        "recall": recall_score(labels, predicted, zero_division=0),
        "f1": f1_score(labels, predicted, zero_division=0),
        "average_precision": average_precision_score(labels, scores),
    },
}))
`;

/** What Python says of a registered model and of the predictions that its run kept. */
export interface PythonVerdict {
  /** Of the samples in predictions.csv, in its order. */
  readonly ids: readonly string[];
  /** The scores in predictions.csv. */
  readonly trainer: readonly number[];
  /** The scores of `mlflow.pyfunc` for the inputs given. */
  readonly python: readonly number[];
  /** The same for the input example that lies in the model. */
  readonly example: readonly number[];
  /** scikit-learn's metrics of predictions.csv. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Loads a model from its registry in real Python and scores `inputs` (row-major, of `shape`). */
export async function judgeInPython(options: {
  readonly trackingUri: string;
  readonly modelUri: string;
  readonly mlflowRunId: string;
  readonly inputs: Float32Array;
  readonly shape: readonly number[];
}): Promise<PythonVerdict> {
  await using folder = await temporaryDirectory();
  const file = folder.join('inputs.bin');
  await writeFile(file, new Uint8Array(options.inputs.buffer, options.inputs.byteOffset, options.inputs.byteLength));
  const words = [options.modelUri, options.mlflowRunId, file, JSON.stringify(options.shape)];
  const { stdout } = await promisify(execFile)(await pythonPath(), ['-c', script, ...words], {
    env: { ...process.env, MLFLOW_TRACKING_URI: options.trackingUri, TF_CPP_MIN_LOG_LEVEL: '3' },
    cwd: folder.path,
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PythonVerdict;
}
