import { UsageError } from '../errors.ts';
import {
  ask,
  experimentsTable,
  findExperiment,
  jsonText,
  listExperiments,
  listRuns,
  noExperiment,
  primaryMetricOf,
  type RunList,
  runsTable,
} from '../history/index.ts';
import { type Experiment, type MlflowClient, runsTableUrl } from '../mlflow/index.ts';
import { chooseExperiment } from '../project/index.ts';
import { canBeTyped } from '../report/printable-texts.ts';
import { didYouMean } from '../util/closest.ts';
import { optionWords } from '../util/option-words.ts';
import { type LookBack, openLookBack } from './look-back.ts';
import { moreWords, showWords } from './runs-words.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Carries out `slipway runs`. Resolves with the exit code. */
export async function runsAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  const back = openLookBack(given, environment, signal);
  try {
    const limit = limitOf(given.limit);
    const named = { experimentId: null, experimentName: text(given.experiment) };
    const project = await back.loadProject();
    const wanted = chooseExperiment(named, environment, project);
    const client = await back.openServer();
    await ask(client, signal, async () => {
      if (wanted === null) return answerExperiments(client, back);
      const experiment = await findExperiment(client, wanted, signal);
      const name = wanted.experimentName ?? wanted.experimentId ?? '';
      if (experiment === null) {
        // What a person names must be there; a project may not have been run yet.
        if (named.experimentName !== null) throw await noExperiment(client, name, signal);
        return answerNothing(name, client, back);
      }
      const found = await restoredOnRequest(experiment, given, client, back);
      return answerRuns(given, { ...found, limit, primaryMetric: project?.primaryMetric ?? null }, client, back);
    });
    return 0;
  } finally {
    back.close();
  }
}

/** The experiment, brought back where it was deleted and that is wanted; its runs come back with it. */
async function restoredOnRequest(
  experiment: Experiment,
  given: Given,
  client: MlflowClient,
  back: LookBack,
): Promise<Pick<Listing, 'experiment'>> {
  if (given['restore-experiment'] !== true || experiment.lifecycleStage !== 'deleted') return { experiment };
  await client.restoreExperiment(experiment.experimentId, { signal: back.signal });
  back.notice(`The experiment ${experiment.name} was deleted, and is brought back with its runs.`);
  return { experiment: { ...experiment, lifecycleStage: 'active' } };
}

interface Listing {
  readonly experiment: Experiment;
  readonly limit: number;
  readonly primaryMetric: string | null;
}

async function answerRuns(given: Given, listing: Listing, client: MlflowClient, back: LookBack): Promise<void> {
  const { experiment, limit } = listing;
  const { experimentId, name } = experiment;
  const isDeleted = experiment.lifecycleStage === 'deleted';
  if (isDeleted) {
    const restore = back.command('runs', ...optionWords('experiment', name), '--restore-experiment');
    back.warn(`The experiment ${name} is deleted. To bring it back: \`${restore}\``);
  }
  const sort = text(given.sort);
  const filter = text(given.filter);
  // The runs of a deleted experiment were deleted with it.
  const query = { experimentId, limit, includesDeleted: given.all === true || isDeleted, sort, filter };
  const list = await listRuns(client, query, back.signal);
  if (sort !== null) warnOfUnknownMetric(sort, list, back);
  const primaryMetric = primaryMetricOf(list.runs, sort ?? listing.primaryMetric);
  const url = runsTableUrl(client.trackingUri, experimentId);
  if (back.isJson) {
    const { hasMore, runs } = list;
    const server = client.trackingUri;
    back.answer(jsonText({ server, experiment: { experimentId, name, isDeleted, url }, primaryMetric, hasMore, runs }));
    return;
  }
  if (list.runs.length === 0) {
    if (filter === null) return answerNothing(name, client, back);
    return back.notice(`No run of the experiment ${name} matches: ${filter}`);
  }
  back.answerTable(
    `experiment ${name} on ${client.trackingUri}`,
    runsTable(list.runs, { primaryMetric, nowMs: Date.now() }, back.look),
    hints(list, moreWords(given, limit * 5), url, back),
  );
}

/** What a person may want next. */
function hints({ runs, hasMore }: RunList, more: readonly string[], url: string, back: LookBack): string[] {
  const { look, command } = back;
  const { paint } = look;
  const line = (label: string, what: string): string => `${paint.faint(label.padEnd(9))}${what}`;
  return [
    ...(hasMore ? [line('more', command(...more))] : []),
    ...runs.slice(0, 1).map((run) => line('one run', command(...showWords(run)))),
    line('browser', look.hasLinks ? look.link('table of runs', url) : paint.accent(url)),
  ];
}

/** An experiment without runs: nothing on standard output, so that a program sees none. */
function answerNothing(name: string, client: MlflowClient, back: LookBack): void {
  if (back.isJson) {
    const experiment = { experimentId: null, name, isDeleted: false, url: null };
    const nothing = { primaryMetric: null, hasMore: false, runs: [] };
    back.answer(jsonText({ server: client.trackingUri, experiment, ...nothing }));
    return;
  }
  back.notice(`The experiment ${name} on ${client.trackingUri} has no runs yet.`);
}

async function answerExperiments(client: MlflowClient, back: LookBack): Promise<void> {
  const experiments = await listExperiments(client, back.signal);
  if (back.isJson) {
    back.answer(jsonText({ server: client.trackingUri, experiments }));
    return;
  }
  const [first] = experiments;
  if (first === undefined) {
    return back.notice(`The tracking server ${client.trackingUri} has no runs that Slipway made.`);
  }
  back.answerTable(
    `There is no MLproject here; these experiments on ${client.trackingUri} have runs of Slipway:`,
    experimentsTable(experiments, Date.now(), back.look),
    [back.command('runs', ...optionWords('experiment', canBeTyped(first.name) ? first.name : first.experimentId))],
  );
}

function warnOfUnknownMetric(metric: string, { runs }: RunList, back: LookBack): void {
  if (runs.length === 0 || runs.some(({ metrics }) => metrics[metric] !== undefined)) return;
  const known = [...new Set(runs.flatMap(({ metrics }) => Object.keys(metrics)))];
  back.warn(`None of these runs has the metric ${metric}${didYouMean(metric, known) || '.'}`);
}

function limitOf(value: unknown): number {
  const limit = Number(value);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new UsageError('--limit is not a whole number, 1 or more.', { hint: 'As in: `--limit 50`' });
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
