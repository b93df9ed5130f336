import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient } from '../../src/mlflow/index.ts';
import { isSystemMetric } from '../../src/util/system-metric.ts';
import { cellImageFiles, writeZip } from '../support/cell-images.ts';
import {
  type MlflowServer,
  skip,
  slipway,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';
import { recordedRun } from '../support/recorded-run.ts';
import { quietTensorFlow } from '../support/tensorflow.ts';

const checkout = resolve(import.meta.dirname, '../..');
const experimentName = 'bad-data';

let server: MlflowServer;
let client: MlflowClient;
let storage: TemporaryDirectory;

beforeAll(async () => {
  try {
    quietTensorFlow();
  } catch (error) {
    skip(`TensorFlow is not ready on this machine: ${String(error)}`);
  }
  server = await startMlflow();
  client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  storage = await temporaryDirectory();
});

afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  await storage?.remove();
});

/** Launches a training on the host, where no image need be built to see what it says. */
const launch = (runName: string, ...parameters: string[]) =>
  slipway(
    [
      ...['run', checkout, '--engine', 'host', '--storage', storage.path],
      ...['--run-name', runName, '--experiment-name', experimentName],
      ...parameters.flatMap((text) => ['-P', text]),
    ],
    { environment: { MLFLOW_TRACKING_URI: server.uri } },
  );

type Files = Record<string, Buffer>;
const brokenName = 'C1P1ThinF_IMG_20150918_144104_cell_0.png';
const inParasitized = `cell_images/Parasitized/${brokenName}`;

const badArchives: readonly [title: string, change: (files: Files) => Files, sentence: RegExp][] = [
  [
    'a broken PNG',
    (files) => ({ ...files, [inParasitized]: (files[inParasitized] ?? Buffer.alloc(0)).subarray(0, 60) }),
    new RegExp(`The image ${inParasitized} in \\S+ is a broken PNG\\.`),
  ],
  [
    'an empty PNG',
    (files) => ({ ...files, [inParasitized]: Buffer.alloc(0) }),
    new RegExp(`The image ${inParasitized} in \\S+ is empty\\.`),
  ],
  [
    'a text that is called a PNG',
    (files) => ({ ...files, [inParasitized]: Buffer.from('not found') }),
    new RegExp(`The image ${inParasitized} in \\S+ is neither a PNG nor a JPEG\\.`),
  ],
  [
    'one class only',
    (files) => Object.fromEntries(Object.entries(files).filter(([name]) => !name.includes('Parasitized'))),
    /The data \S+ holds only one class: there is no image in Parasitized; expected cell_images/,
  ],
  [
    'no cell images',
    () => ({ 'holiday/beach.png': Buffer.from('sand') }),
    /The data \S+ holds no cell images; expected cell_images/,
  ],
];

describe('data that cannot be used fail the run with one sentence', () => {
  it.each(badArchives)('%s', async (title, change, sentence) => {
    const name = title.replaceAll(' ', '-');
    await writeZip(storage.join(`${name}.zip`), change(cellImageFiles({ patients: 8, cells: 2 })));
    const end = await launch(name, `data=/storage/${name}.zip`, 'epochs=1', 'convolutions=1', 'image_size=12');
    expect(end.stderr).toMatch(sentence);
    expect(end.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(end.exitCode).toBe(64);
    expect(end.stdout).toMatch(/^FAILED/);
    const run = await recordedRun(client, experimentName, name);
    expect(run.info.status).toBe('FAILED');
    expect(run.data.tags['slipway.reason']).toMatch(sentence);
    expect(end.stdout).toMatch(/reason +the program exited with code 64: The /);
    expect(Object.keys(run.data.metrics).filter((key) => !isSystemMetric(key))).toEqual([]);
  });

  it('a file that is no zip', async () => {
    writeFileSync(storage.join('text.zip'), '<html>Not found</html>');
    const end = await launch('no-zip', 'data=/storage/text.zip', 'epochs=1');
    expect(end.stderr).toMatch(/The data file \S+text\.zip is not a readable zip/);
    expect(end.exitCode).toBe(64);
    expect((await recordedRun(client, experimentName, 'no-zip')).info.status).toBe('FAILED');
  });
});

describe('parameters that cannot be used stop the launch before there is a run', () => {
  it.each([
    ['an unknown one', 'epoch=3', /There is no parameter named epoch\./, /Did you mean epochs\?/],
    ['one below its bound', 'epochs=0', /Parameter epochs is 0/, /from 1 to 10000/],
    ['one above its bound', 'convolutions=9', /Parameter convolutions is 9/, /from 0 to 8/],
    ['one of the wrong type', 'learning_rate=fast', /Parameter learning_rate is "fast"/, /must be a number/],
    ['a missing file', 'data=/storage/none.zip', /Parameter data is \/storage\/none\.zip/, /or leave data out/],
    ['two that do not go together', 'convolutions=6', /of 50 pixels can be halved only 5 times/, /Lower convolutions/],
  ])('%s', async (title, parameter, sentence, expected) => {
    const end = await launch(title.replaceAll(' ', '-'), parameter);
    expect(end.stderr).toMatch(sentence);
    expect(end.stderr).toMatch(expected);
    expect(end.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(end.exitCode).toBe(64);
    expect(end.stdout).toBe('');
    await expect(recordedRun(client, experimentName, title.replaceAll(' ', '-'))).rejects.toThrow('0 runs');
  });
});
