import { parse } from 'yaml';
import {
  escapeMarkdown,
  formatNumber,
  markdownBlock,
  markdownCode,
  markdownLink,
  quoteForShell,
} from '../util/index.ts';

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
    tags.data === undefined ? undefined : escapeMarkdown(tags.data),
    dataset === null ? undefined : `measured on ${markdownCode(dataset.name)} (digest ${markdownCode(dataset.digest)})`,
  ];
  const origin = [
    `run ${markdownLink(facts.runName, facts.runUrl)}`,
    ...(commit === undefined
      ? []
      : [`commit ${markdownCode(commit.slice(0, 12))}${runTags.dirty === 'true' ? ' with changes' : ''}`]),
    ...(runTags.image === undefined ? [] : [`image ${markdownCode(runTags.image)}`]),
  ];
  return [
    // The registry's list of versions shows the first line alone.
    ...metricLine(facts.metrics),
    ...bullet('Data', data.filter((text) => text !== undefined).join(', ')),
    ...bullet('Made by', origin.join(', ')),
    '',
    ...usage(facts, { version: facts.version }),
  ].join('\n');
}

/** The description of the registered model itself, in Markdown: what holds for all its versions. */
export function modelDescription(
  facts: Pick<ModelFacts, 'name' | 'flavors' | 'trackingUri'>,
  alias: string | null,
): string {
  const which = alias === null ? { version: '<version>' } : { alias };
  return ['Each version tells its data, its metrics and the run that made it.', '', ...usage(facts, which)].join('\n');
}

const mostMetrics = 12;

function metricLine(metrics: ModelFacts['metrics']): string[] {
  const shown = Object.entries(metrics).slice(0, mostMetrics);
  if (shown.length === 0) return [];
  return [shown.map(([key, value]) => `${escapeMarkdown(key)} ${formatNumber(value)}`).join(', '), ''];
}

function bullet(title: string, text: string): string[] {
  return text === '' ? [] : [`- ${title}: ${text}`];
}

/** How a version is found: by its number, or as the one that has an alias. */
type Which = { readonly version: string } | { readonly alias: string };

/** How it is loaded and served, for the flavors it has. Each value is quoted for the language that it stands in. */
function usage(
  { flavors, trackingUri, name }: Pick<ModelFacts, 'name' | 'flavors' | 'trackingUri'>,
  which: Which,
): string[] {
  const uri = 'alias' in which ? `models:/${name}@${which.alias}` : `models:/${name}/${which.version}`;
  const lines: string[] = [];
  if (flavors.includes('python_function')) {
    lines.push(
      'Load it in Python:',
      ...markdownBlock('python', [
        'import mlflow',
        '',
        `mlflow.set_tracking_uri(${pythonText(trackingUri)})`,
        `model = mlflow.pyfunc.load_model(${pythonText(uri)})`,
      ]),
    );
  }
  if (flavors.includes('tfjs')) {
    const [client, model] = [typeScriptText(trackingUri), typeScriptText(name)];
    lines.push(
      'Load it in TypeScript:',
      ...markdownBlock('ts', [
        "import * as tf from '@tensorflow/tfjs-node';",
        "import { MlflowClient, openArtifactStore } from 'slipway';",
        '',
        `const client = new MlflowClient({ trackingUri: ${client}, environment: process.env });`,
        'alias' in which
          ? `const { version } = await client.getModelVersionByAlias(${model}, ${typeScriptText(which.alias)});`
          : `const version = ${typeScriptText(which.version)};`,
        `const uri = await client.modelVersionDownloadUri(${model}, version);`,
        "await openArtifactStore(uri, { client }).downloadDirectory('', 'model');",
        "const model = await tf.loadLayersModel('file://model/tfjs/model.json');",
      ]),
    );
  }
  if (flavors.includes('python_function')) {
    const server = `MLFLOW_TRACKING_URI=${quoteForShell(trackingUri)}`;
    lines.push(
      'Serve it, with the packages of the running Python:',
      ...markdownBlock('sh', [
        `${server} mlflow models serve -m ${quoteForShell(uri)} --env-manager local --port 5001`,
      ]),
    );
  }
  return lines;
}

/** Every string of JSON is one of Python. */
function pythonText(value: string): string {
  return JSON.stringify(value);
}

function typeScriptText(value: string): string {
  const inner = JSON.stringify(value).slice(1, -1);
  return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
