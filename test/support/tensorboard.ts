import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { pythonPath } from './python.ts';

/** One Python for everything: importing TensorFlow is what takes time. */
const script = `
import io, json, sys
import keras, numpy as np
from PIL import Image
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.util.tensor_util import make_ndarray

def read(folder):
    runs = {"scalars": {}, "histograms": {}, "images": {}}
    events = EventAccumulator(folder, tensor_size_guidance=dict.fromkeys(runs, 0))
    events.Reload()
    for tag in events.Tags()["tensors"]:
        plugin = events.SummaryMetadata(tag).plugin_data.plugin_name
        runs[plugin][tag] = [[event.step, value(plugin, make_ndarray(event.tensor_proto))] for event in events.Tensors(tag)]
    return runs

def value(plugin, tensor):
    if plugin != "images":
        return tensor.tolist()
    image = Image.open(io.BytesIO(tensor[2]))
    image.load()
    return [int(tensor[0]), int(tensor[1]), *image.size]

weights = {}
if sys.argv[1]:
    for layer in keras.saving.load_model(sys.argv[1]).layers:
        for weight in layer.trainable_weights:
            histogram = histogram_pb("", weight.numpy()).value[0].tensor
            weights[layer.name + "/" + weight.name] = make_ndarray(histogram).tolist()
print("RESULTS " + json.dumps({"folders": {folder: read(folder) for folder in sys.argv[2:]}, "weights": weights}))
`;

type Steps<Value> = Readonly<Record<string, readonly (readonly [step: number, value: Value])[]>>;

/** What TensorBoard reads from the event files of a folder, by tag. */
export interface TensorBoardRun {
  readonly scalars: Steps<number>;
  /** Rows of left edge, right edge, count. */
  readonly histograms: Steps<readonly (readonly number[])[]>;
  /** Width and height as the event tells them, and as the decoded picture has them. */
  readonly images: Steps<readonly number[]>;
}

/** What real Python says of folders of event files, and of a Keras model. */
export interface PythonTensorBoard {
  readonly folders: Readonly<Record<string, TensorBoardRun>>;
  /** TensorBoard's own histogram of each trained weight of the model, by `layer/weight`. */
  readonly weights: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** Has the reader that TensorBoard has in Python read event files; its server takes that or a faster one. */
export async function readEventFiles(
  folders: readonly string[],
  kerasModel: string | null = null,
): Promise<PythonTensorBoard> {
  const { stdout } = await promisify(execFile)(await pythonPath(), ['-c', script, kerasModel ?? '', ...folders], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1' },
    maxBuffer: 1 << 26,
  });
  const line = stdout.split('\n').find((text) => text.startsWith('RESULTS '));
  return JSON.parse(line?.slice('RESULTS '.length) ?? '{}') as PythonTensorBoard;
}

/** A real TensorBoard. */
export interface TensorBoardServer extends AsyncDisposable {
  /** The JSON of one of its routes, as `scalars/tags`; undefined where it answers with an error. */
  get(route: string): Promise<unknown>;
}

const patienceMs = 120_000;

/** Starts TensorBoard and waits until `isReady` of what it says of its scalars. */
export async function startTensorBoard(
  logFolder: string,
  isReady: (tags: Readonly<Record<string, object>>) => boolean,
): Promise<TensorBoardServer> {
  const port = await freePort();
  const words = ['--logdir', logFolder, '--host', '127.0.0.1', '--port', String(port), '--reload_interval', '1'];
  const child = spawn(await pythonPath(), ['-m', 'tensorboard.main', ...words], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const server: TensorBoardServer = {
    async get(route) {
      const response = await fetch(`http://127.0.0.1:${port}/data/plugin/${route}`);
      return response.ok ? response.json() : undefined;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
  const deadlineMs = Date.now() + patienceMs;
  for (;;) {
    const tags = await server.get('scalars/tags').catch(() => undefined);
    if (tags !== undefined && isReady(tags as Readonly<Record<string, object>>)) return server;
    if (child.exitCode !== null || Date.now() > deadlineMs) {
      await server[Symbol.asyncDispose]();
      throw new Error(`TensorBoard did not come to show ${logFolder}: ${JSON.stringify(tags)}\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
