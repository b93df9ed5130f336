import { z } from 'zod';
import { MlflowApiError, type MlflowClient } from '../mlflow/index.ts';
import { optionWords } from '../util/option-words.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { broken, byHand, fine, type Outcome, skipped } from './check.ts';
import type { DoctorContext } from './context.ts';
import { ownName } from './mend-commands.ts';
import { projectAtHand } from './shared-parts.ts';
import { serverAtHand } from './tracking-server.ts';

/** The experiment that a run of this project would go to: there, not deleted, and open to this user. */
export async function mayUseExperiment(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  const [server, project] = await Promise.all([serverAtHand(context), projectAtHand(context)]);
  if (server === null) return skipped('No server runs');
  const { environment } = context;
  const name = environment.MLFLOW_EXPERIMENT_NAME || null;
  const id = name === null ? environment.MLFLOW_EXPERIMENT_ID || null : null;
  const usual = project === null ? null : (project.projectName ?? project.name);
  const wanted = name ?? id ?? usual;
  if (wanted === null) return skipped('Neither the project nor MLFLOW_EXPERIMENT_NAME names one');
  try {
    const { client } = server;
    const found =
      id === null ? await client.getExperimentByName(wanted, { signal }) : await client.getExperiment(id, { signal });
    if (found === null) return fine(`${wanted} will be made by the first run`, { name: wanted });
    const facts = { name: found.name, experimentId: found.experimentId };
    if (found.lifecycleStage === 'deleted') {
      return broken(`${found.name} is deleted, and nothing can be recorded in it`, {
        facts,
        mend: byHand(
          [ownName(), 'runs', ...optionWords('experiment', found.name).map(quoteForShell), '--restore-experiment'].join(
            ' ',
          ),
        ),
      });
    }
    if (await mayChange(client, found.experimentId, signal))
      return fine(`${found.name} is there and open to us`, facts);
    return notOpen(`${found.name} is there, and this user may only read it`, facts);
  } catch (error) {
    if (!(error instanceof MlflowApiError)) throw error;
    if (error.status === 403) return notOpen(`${wanted} is there, and not open to this user`, { name: wanted });
    if (error.status === 404 && id !== null) {
      return broken(`There is no experiment ${id}, which MLFLOW_EXPERIMENT_ID names`, {
        facts: { experimentId: id },
        mend: byHand('unset MLFLOW_EXPERIMENT_ID'),
      });
    }
    throw error;
  }
}

/**
 * Asks to set a tag without saying which: a server that would permit it finds the key missing (400) and changes nothing,
 * one that does not answers 403 before it looks.
 */
async function mayChange(client: MlflowClient, experimentId: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.transport.call(
      {
        method: 'POST',
        path: '/api/2.0/mlflow/experiments/set-experiment-tag',
        body: { experiment_id: experimentId },
        retry: 'never',
        reply: z.unknown(),
      },
      { signal },
    );
    return true;
  } catch (error) {
    if (!(error instanceof MlflowApiError)) throw error;
    if (error.status === 403) return false;
    if (error.status === 400) return true;
    throw error;
  }
}

function notOpen(text: string, facts: Readonly<Record<string, unknown>>): Outcome {
  return broken(`${text}: ask its owner for the right to edit it, or name another`, {
    facts,
    mend: byHand('export MLFLOW_EXPERIMENT_NAME=…'),
  });
}
