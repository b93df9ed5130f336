import { SlipwayError, UsageError } from '../errors.ts';
import {
  ask,
  detailsOfRecorded,
  detailsOfStored,
  findRecordedRun,
  jsonText,
  noRun,
  type RunDetails,
  runPage,
} from '../history/index.ts';
import type { MlflowClient } from '../mlflow/index.ts';
import { findRunIfAny, listRuns, readStoredRun } from '../runs/index.ts';
import { asSentence } from '../util/as-sentence.ts';
import { type LookBack, openLookBack } from './look-back.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Carries out `slipway runs show RUN`. Resolves with the exit code. */
export async function runsShowAction(given: Given, environment: Environment, signal: AbortSignal): Promise<number> {
  const back = openLookBack(given, environment, signal);
  try {
    const details = await detailsOf(String(given.run), back);
    if (back.isJson) back.answer(jsonText(details));
    else back.answer(runPage(details, { look: back.look, nowMs: Date.now(), program: back.program }).join('\n'));
    return 0;
  } finally {
    back.close();
  }
}

/** The server first; where it does not have the run, or is not there, this machine's storage. */
async function detailsOf(text: string, back: LookBack): Promise<RunDetails> {
  let client: MlflowClient | null = null;
  try {
    client = await back.openServer();
    const recorded = await recordedDetails(client, text, back);
    if (recorded !== null) return recorded;
  } catch (error) {
    back.signal.throwIfAborted();
    // What is wrong with the question is wrong here, too.
    if (error instanceof UsageError || !(error instanceof SlipwayError)) throw error;
    const stored = await findRunIfAny(back.storageDirectory, text);
    // What is here can be shown without a server; what is nowhere needs the server's own word.
    if (stored === null) throw error;
    back.warn(`${asSentence(error.message)} What this machine has of the run is shown.`);
    return detailsOfStored(stored, process.cwd());
  }
  const stored = await findRunIfAny(back.storageDirectory, text);
  if (stored !== null) {
    back.warn(`The tracking server ${client.trackingUri} does not have this run; what this machine has is shown.`);
    return detailsOfStored(stored, process.cwd());
  }
  const names = (await listRuns(back.storageDirectory)).flatMap(({ plan }) => plan?.runName ?? []);
  throw await noRun(client, text, names, back.signal);
}

async function recordedDetails(client: MlflowClient, text: string, back: LookBack): Promise<RunDetails | null> {
  const { signal, storageDirectory } = back;
  return ask(client, signal, async () => {
    const found = await findRecordedRun(client, text, signal);
    if (found === null) return null;
    if (found.namesakes > 0) {
      back.notice(`Several runs are called ${text}: this is the newest. Name another one by its id.`);
    }
    const runId = found.run.data.tags['slipway.id'];
    return detailsOfRecorded(client, found, {
      stored: runId === undefined ? null : await readStoredRun(storageDirectory, runId),
      directory: process.cwd(),
      primaryMetric: (await back.loadProject())?.primaryMetric ?? null,
      signal,
    });
  });
}
