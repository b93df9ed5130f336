import { parse } from 'yaml';
import { formatNumber } from '../util/index.ts';

/** What the registry's pages tell of a model: how good it is, what it learnt from, and how it is used. */
export interface ModelFacts {
  /** Name in the registry. */
  readonly name: string;
  readonly version: string;
  readonly trackingUri: string;
  /** Page of the run that made it. */
  readonly runUrl: string;
  readonly runName: string;
  /** The run's tags: commit, image. */
  readonly runTags: Readonly<Record<string, string>>;
  /** Name and digest of the data it was measured on, where the program said. */
  readonly dataset: { readonly name: string; readonly digest: string } | null;
  readonly metrics: Readonly<Record<string, number>>;
  /** What the program says of the model itself: `data: synthetic`. */
  readonly tags: Readonly<Record<string, string>>;
  /** The names of the MLmodel file's flavors; none where there is no such file. */
  readonly flavors: readonly string[];
}

/** The flavors of an MLmodel file; none where it cannot be read. */
export function flavorsOf(mlModel: string | null): string[] {
  if (mlModel === null) return [];
  const { flavors } = (parse(mlModel) ?? {}) as { flavors?: unknown };
  return typeof flavors === 'object' && flavors !== null ? Object.keys(flavors) : [];
}

/** The description of one version, in Markdown. */
export function versionDescription(facts: ModelFacts): string {
  const { runTags, tags, dataset } = facts;
  const commit = runTags['mlflow.source.git.commit'];
  const data = [
    tags.data,
    dataset === null ? undefined : `measured on \`${dataset.name}\` (digest \`${dataset.digest}\`)`,
  ];
  const origin = [
    `run [${facts.runName}](${facts.runUrl})`,
    ...(commit === undefined
      ? []
      : [`commit \`${commit.slice(0, 12)}\`${runTags.dirty === 'true' ? ' with changes' : ''}`]),
    ...(runTags.image === undefined ? [] : [`image \`${runTags.image}\``]),
  ];
  return [
    // The registry's list of versions shows the first line alone.
    ...metricLine(facts.metrics),
    ...bullet('Data', data.filter((text) => text !== undefined).join(', ')),
    ...bullet('Made by', origin.join(', ')),
    '',
    ...usage(facts, `models:/${facts.name}/${facts.version}`),
  ].join('\n');
}

/** The description of the registered model itself, in Markdown: what holds for all its versions. */
export function modelDescription(
  facts: Pick<ModelFacts, 'name' | 'flavors' | 'trackingUri'>,
  alias: string | null,
): string {
  const uri = alias === null ? `models:/${facts.name}/<version>` : `models:/${facts.name}@${alias}`;
  return ['Each version tells its data, its metrics and the run that made it.', '', ...usage(facts, uri)].join('\n');
}

const mostMetrics = 12;

function metricLine(metrics: ModelFacts['metrics']): string[] {
  const shown = Object.entries(metrics).slice(0, mostMetrics);
  if (shown.length === 0) return [];
  return [shown.map(([key, value]) => `${key} ${formatNumber(value)}`).join(', '), ''];
}

function bullet(title: string, text: string): string[] {
  return text === '' ? [] : [`- ${title}: ${text}`];
}

/** How it is loaded and served, for the flavors it has. */
function usage(
  { flavors, trackingUri, name }: Pick<ModelFacts, 'name' | 'flavors' | 'trackingUri'>,
  uri: string,
): string[] {
  const lines: string[] = [];
  if (flavors.includes('python_function')) {
    lines.push(
      'Load it in Python:',
      '```python',
      'import mlflow',
      '',
      `mlflow.set_tracking_uri("${trackingUri}")`,
      `model = mlflow.pyfunc.load_model("${uri}")`,
      '```',
    );
  }
  if (flavors.includes('tfjs')) {
    const version = /\/([^/@]+)$/.exec(uri)?.[1] ?? '1';
    lines.push(
      'Load it in TypeScript:',
      '```ts',
      "import * as tf from '@tensorflow/tfjs-node';",
      "import { MlflowClient, openArtifactStore } from 'slipway';",
      '',
      `const client = new MlflowClient({ trackingUri: '${trackingUri}', environment: process.env });`,
      uri.includes('@')
        ? `const { version } = await client.getModelVersionByAlias('${name}', '${uri.split('@').at(-1)}');`
        : `const version = '${version}';`,
      `const uri = await client.modelVersionDownloadUri('${name}', version);`,
      "await openArtifactStore(uri, { client }).downloadDirectory('', 'model');",
      "const model = await tf.loadLayersModel('file://model/tfjs/model.json');",
      '```',
    );
  }
  if (flavors.includes('python_function')) {
    lines.push(
      'Serve it, with the packages of the running Python:',
      '```sh',
      `MLFLOW_TRACKING_URI=${trackingUri} mlflow models serve -m "${uri}" --env-manager local --port 5001`,
      '```',
    );
  }
  return lines;
}
