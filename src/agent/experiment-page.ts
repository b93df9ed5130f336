import { errorMessage } from '../errors.ts';
import {
  type CallOptions,
  type Experiment,
  type MlflowClient,
  nextSharedView,
  type RunData,
  runChartsUrl,
  runsTableUrl,
  type SharedViewForm,
  sharedViewForm,
  sharedViewTag,
  type ViewFacts,
} from '../mlflow/index.ts';
import { isLowerBetter } from '../util/index.ts';
import { isSystemMetric } from '../util/system-metric.ts';
import { experimentNote, mayReplaceNote } from './experiment-note.ts';
import type { RunContext } from './run-context.ts';

/** The values of an epoch come together: so long after the first the view is drawn. */
const gatherMs = 1500;

/** A page is nothing to wait long for: it is drawn again at the end of each run. */
const timeoutMs = 15_000;

/**
 * Keeps what people see of an experiment: the view with the project's columns and charts, the note, and which metric
 * counts. It is drawn when a run begins, when its first metrics are known, and at its end. What goes wrong here is told
 * to those who look for a fault, and never stops a run.
 */
export class ExperimentPage {
  readonly #run: RunContext;
  readonly #client: MlflowClient;
  readonly #metrics = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #last: Promise<void> = Promise.resolve();
  readonly #told = new Set<string>();

  constructor(run: RunContext, client: MlflowClient) {
    this.#run = run;
    this.#client = client;
  }

  /** Draws it in the background. */
  refresh(): void {
    this.#last = this.#last.then(() => this.#draw({}));
  }

  /** Takes note of a metric that the run has logged. */
  sawMetric(key: string): void {
    const isFirst = this.#metrics.size === 0;
    this.#metrics.add(key);
    if (isFirst && !this.#isClosed) this.#timer = setTimeout(() => this.refresh(), gatherMs);
  }

  /** Nothing is drawn any more. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Draws it for the last time, with all that the server has of the run; resolves when that is done or given up. */
  async finish({ metrics, tags }: RunData): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#last;
    for (const key of Object.keys(metrics)) if (!isSystemMetric(key)) this.#metrics.add(key);
    await this.#draw(tags);
  }

  async #draw(tags: Readonly<Record<string, string>>): Promise<void> {
    const { experimentId } = this.#run.record;
    if (experimentId === null || this.#isClosed) return;
    const call = { signal: AbortSignal.timeout(timeoutMs), maximumRetries: 1 };
    try {
      const experiment = await this.#client.getExperiment(experimentId, call);
      const form = await this.#viewForm(call);
      for (const [key, value] of this.#changes(experiment, form, tags)) {
        await this.#client.setExperimentTag(experimentId, key, value, call);
      }
    } catch (error) {
      this.#run.emit({ type: 'debug', text: `The experiment's page could not be drawn: ${errorMessage(error)}` });
    }
  }

  /** How the server's UI reads a view; null where the server does not tell its version. */
  async #viewForm(call: CallOptions): Promise<SharedViewForm | null> {
    try {
      return sharedViewForm(await this.#client.serverVersion(call));
    } catch (error) {
      const why = errorMessage(error).replace(/\.$/, '');
      const what = 'the view of the experiment keeps its form, or gets that of MLflow before 3.15';
      this.#notice(`The server did not tell its version, so ${what}: ${why}.`);
      return null;
    }
  }

  /** Tells it once in a run. */
  #notice(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#run.emit({ type: 'notice', text });
  }

  #changes(
    experiment: Experiment,
    form: SharedViewForm | null,
    tags: Readonly<Record<string, string>>,
  ): [string, string][] {
    const { tags: current, experimentId, name: experimentName } = experiment;
    const { plan } = this.#run;
    const metric = plan.project.primaryMetric;
    const changes: [string, string][] = [];
    const suggest = (key: string, value: string): void => {
      if (current[key] === undefined) changes.push([key, value]);
    };
    // Without it some UIs of MLflow 3 take an experiment for one of language models.
    suggest('mlflow.experimentKind', 'custom_model_development');
    if (metric !== null) {
      suggest('mlflow.experiment.primaryMetric.name', metric);
      suggest('mlflow.experiment.primaryMetric.greaterIsBetter', isLowerBetter(metric) ? 'False' : 'True');
    }
    const note = experimentNote(plan, {
      experimentName,
      runsUrl: runsTableUrl(this.#client.trackingUri, experimentId),
      chartsUrl: runChartsUrl(this.#client.trackingUri, experimentId),
      primaryMetric: metric,
      isLowerBetter: metric !== null && isLowerBetter(metric),
    });
    const oldNote = current['mlflow.note.content'];
    if (oldNote !== note && mayReplaceNote(oldNote)) changes.push(['mlflow.note.content', note]);
    const view = nextSharedView(current[sharedViewTag], this.#facts(tags), form, Date.now());
    if (view.value !== null) changes.push([sharedViewTag, view.value]);
    if (view.found === 'broken') {
      const text = 'The view that Slipway keeps on the experiment could not be read, and is replaced';
      this.#notice(`${text} (tag ${sharedViewTag}).`);
    }
    return changes;
  }

  #facts(tags: Readonly<Record<string, string>>): ViewFacts {
    const { plan } = this.#run;
    const { run_name: _, ...params } = plan.parameters;
    return {
      primaryMetric: plan.project.primaryMetric,
      metrics: [...this.#metrics],
      params,
      varied: [],
      tags: [
        ...(plan.engine === 'docker' ? ['image'] : []),
        ...(plan.gpus === null ? [] : ['gpu']),
        ...(tags.diverged === undefined ? [] : ['diverged']),
      ],
    };
  }
}
