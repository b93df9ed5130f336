import { checkTrackingServer, MlflowApiError, MlflowClient } from '../mlflow/index.ts';
import type { RunPlan } from '../runs/plan.ts';
import type { RunRecord } from '../runs/run-state.ts';
import { trackingServerStatus } from '../tracking/index.ts';
import { isAway } from './away.ts';
import { programEnvironment } from './program-environment.ts';
import { noteTag } from './run-note.ts';
import { tagsAtCreation, tagsOfImage } from './run-tags.ts';

/** Where a run would be recorded. */
export interface ServerPreview {
  /** Without user info; null where the server that comes with Slipway is not running yet. */
  readonly uri: string | null;
  /** `none` where the run is to speak to none, or may begin without it and it is away. */
  readonly kind: 'named' | 'embedded' | 'none';
  readonly experiment: {
    readonly name: string | null;
    /** Null where the experiment is still to be made. */
    readonly id: string | null;
    readonly state: 'exists' | 'made' | 'restored';
  };
}

interface PreviewContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Its address is always on this machine's loopback; the port may be another one. */
const embeddedUri = 'http://127.0.0.1:5000';

/** What the server gives, which a preview cannot know. */
export const unknownOnServer = { run: '<run on the server>', experiment: '<experiment on the server>' } as const;

/**
 * Finds the server and the experiment of a plan as the agent does, and makes neither. Throws what would fail the launch: a
 * server that does not answer, an experiment that is deleted or that there is none of.
 * @param record Of the run that is resumed; null for a new one.
 */
export async function previewServer(
  plan: RunPlan,
  record: RunRecord | null,
  { environment, signal }: PreviewContext,
): Promise<ServerPreview> {
  const { offline } = plan.tracking;
  const embedded =
    plan.tracking.uri === null && offline !== 'always'
      ? await trackingServerStatus({ storageDirectory: plan.storage.directory, environment, signal })
      : null;
  const uri = plan.tracking.uri ?? embedded?.uri ?? null;
  const kind = plan.tracking.uri === null ? 'embedded' : 'named';
  const { experimentName, experimentId, restoreExperiment } = plan.tracking;
  const name = experimentName ?? (experimentId === null ? plan.project.name : null);
  const id = record?.experimentId ?? experimentId;
  if (offline === 'always') return { uri: null, kind: 'none', experiment: { name, id, state: 'made' } };
  if (uri === null) return { uri, kind, experiment: { name, id, state: id === null ? 'made' : 'exists' } };
  const login = kind === 'named' ? environment.MLFLOW_TRACKING_URI : undefined;
  const client = new MlflowClient({ trackingUri: login || uri, environment: kind === 'named' ? environment : {} });
  const call = { signal, maximumRetries: 2 };
  try {
    const found =
      id === null ? await client.getExperimentByName(name ?? '', call) : await client.getExperiment(id, call);
    if (found === null) return { uri, kind, experiment: { name, id: null, state: 'made' } };
    const isActive = found.lifecycleStage === 'active';
    // A deleted one is an error, in the words of the launch.
    if (!isActive && !restoreExperiment) await client.usableExperiment(found, call);
    const state = isActive ? 'exists' : 'restored';
    return { uri, kind, experiment: { name: found.name, id: found.experimentId, state } };
  } catch (error) {
    signal.throwIfAborted();
    if (offline === 'allowed' && isAway(error))
      return { uri: null, kind: 'none', experiment: { name, id, state: 'made' } };
    if (!(error instanceof MlflowApiError) || error.errorCode === null) await checkTrackingServer(client, { signal });
    throw error;
  } finally {
    await client.close();
  }
}

/** The variables that a program of the plan would have, with what is not known yet standing for itself. */
export function previewEnvironment(
  plan: RunPlan,
  { uri, kind, experiment }: ServerPreview,
  image: string | null,
  handed: Readonly<Record<string, string>>,
): Record<string, string> {
  const facts = {
    offline: kind === 'none',
    mlflowRunId: unknownOnServer.run,
    experimentId: experiment.id ?? unknownOnServer.experiment,
    trackingUri: uri ?? embeddedUri,
    image: image === null ? null : { name: image },
  };
  return programEnvironment(plan, facts, handed);
}

/** The tags that the run would have when its program starts, but for its note. */
export function previewTags(plan: RunPlan, image: { name: string; id: string } | null): Record<string, string> {
  const { [noteTag]: _, ...tags } = { ...tagsAtCreation(plan), ...tagsOfImage(plan, image) };
  return tags;
}
