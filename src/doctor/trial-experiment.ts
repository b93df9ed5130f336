import { randomBytes } from 'node:crypto';
import { type Experiment, isAlreadyThere, MlflowApiError, type MlflowClient } from '../mlflow/index.ts';

/** Set on an experiment when the doctor makes it: what lacks it belongs to somebody, whatever its name. */
const ownTag = 'slipway.doctor';

/** An experiment that may be deleted again. */
export interface TrialExperiment {
  readonly experimentId: string;
  /** The name that was asked for, or that with an ending where somebody's experiment has it. */
  readonly name: string;
}

/**
 * The doctor's experiment of this name, made, or restored where an earlier doctor has deleted it. One that the doctor
 * has not made is left as it is, and the next name is taken: always the same one, so that the deleted experiments do not
 * grow in number.
 */
export async function openTrialExperiment(
  client: MlflowClient,
  name: string,
  signal: AbortSignal,
): Promise<TrialExperiment> {
  for (const candidate of [name, `${name}-2`]) {
    const experimentId = await openOwn(client, candidate, signal);
    if (experimentId !== null) return { experimentId, name: candidate };
  }
  const drawn = `${name}-${randomBytes(4).toString('hex')}`;
  return { experimentId: await create(client, drawn, signal), name: drawn };
}

/** Null where the name is taken by an experiment that is not the doctor's. */
async function openOwn(client: MlflowClient, name: string, signal: AbortSignal): Promise<string | null> {
  const found = await client.getExperimentByName(name, { signal }).catch((error: unknown) => {
    // Somebody else's, which one may not see.
    if (error instanceof MlflowApiError && error.status === 403) return null;
    throw error;
  });
  try {
    if (found === null) return await create(client, name, signal);
    if (!isOwn(found)) return null;
    if (found.lifecycleStage === 'deleted') await client.restoreExperiment(found.experimentId, { signal });
    return found.experimentId;
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    // Made by another doctor meanwhile, or by someone whose experiment one may not see.
    const made = await client.getExperimentByName(name, { signal }).catch(() => null);
    return made !== null && isOwn(made) ? made.experimentId : null;
  }
}

function isOwn({ tags }: Experiment): boolean {
  return tags[ownTag] === 'true';
}

function create(client: MlflowClient, name: string, signal: AbortSignal): Promise<string> {
  const tags = { [ownTag]: 'true', 'mlflow.note.content': 'Trial runs of `slipway doctor`, deleted at once.' };
  return client.createExperiment({ name, tags }, { signal });
}
