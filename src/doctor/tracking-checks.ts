import { errorMessage, SlipwayError, UsageError } from '../errors.ts';
import { MlflowApiError } from '../mlflow/index.ts';
import { mlflowVersion } from '../tracking/index.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { broken, byHand, type Check, fine, type Mend, type Outcome, sentenceOf, skipped, warning } from './check.ts';
import type { DoctorContext } from './context.ts';
import { ownMend } from './mend-commands.ts';
import { runEngine } from './shared-parts.ts';
import { isRefused, storageProbe } from './storage-probe.ts';
import { askFromContainer } from './tracking-container.ts';
import { mayUseExperiment } from './tracking-experiment.ts';
import { currentUser, findPrefix, type Greeting, greeting, serverAtHand } from './tracking-server.ts';
import { trialRun } from './trial-run.ts';

const group = 'tracking';
const server = 'tracking.server';
const login = 'tracking.login';
const run = 'tracking.run';

/** The tracking server, as a run would use it. */
export const trackingChecks: readonly Check[] = [
  { id: server, group, title: 'reachable', timeoutMs: 60_000, run: isReachable },
  { id: login, group, title: 'login', needs: [server], run: whoAmI },
  { id: 'tracking.version', group, title: 'version', needs: [server, login], run: tellVersion },
  { id: 'tracking.experiment', group, title: 'experiment', needs: [login], run: mayUseExperiment },
  { id: run, group, title: 'creates a run', needs: [login], timeoutMs: 60_000, run: mayMakeRun },
  { id: 'tracking.artifact', group, title: 'keeps artifacts', needs: [run], timeoutMs: 60_000, run: mayStoreArtifact },
  {
    id: 'tracking.container',
    group,
    title: 'in a container',
    needs: [server, 'engine.reachable', 'engine.container'],
    timeoutMs: 60_000,
    run: askFromContainer,
  },
];

async function isReachable(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  let found: Awaited<ReturnType<typeof serverAtHand>>;
  try {
    found = await serverAtHand(context);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return broken(sentenceOf(error), { blocks: 'no server can be asked' });
  }
  if (found === null) return notStarted(context);
  const { uri, isEmbedded, kind } = found;
  const facts = { uri, isEmbedded, kind };
  const answer = await greeting(context);
  const hasAnswered = answer.error === null || (answer.status !== null && [401, 403].includes(answer.status));
  if (hasAnswered && !answer.isHostRefused) {
    const own = isEmbedded
      ? ` (the one that comes with Slipway, ${kind === 'docker' ? 'in a container' : 'in Python'})`
      : '';
    return fine(`${uri} answers${own}`, facts);
  }
  const text = errorMessage(answer.error).replace(/\.$/, '');
  const better = answer.status === null ? null : await findPrefix(uri, signal);
  if (better !== null) {
    return broken(`${text}; one answers at ${better}`, {
      facts,
      mend: byHand(`export MLFLOW_TRACKING_URI=${quoteForShell(better)}`),
    });
  }
  const mend = reachMend(answer, uri, isEmbedded, context);
  return broken(mend === null ? full(answer.error) : text, { facts, mend });
}

/** The one that comes with Slipway is started by the first run, where its folder can be written. */
async function notStarted(context: DoctorContext): Promise<Outcome> {
  const { write } = await storageProbe(context);
  const more = { blocks: 'no server runs', facts: { uri: null, isEmbedded: true } };
  if (isRefused(write))
    return skipped('None is named, and the storage of the one that comes with Slipway is closed', more);
  const text = 'None is named, and the one that comes with Slipway is not started: a run does it';
  return skipped(text, { ...more, mend: startServer(context) });
}

function startServer({ storageDirectory, isUsualStorage, engine }: DoctorContext): Mend {
  const place = isUsualStorage ? [] : ['--storage', storageDirectory];
  return ownMend(['tracking', 'up', ...place, ...(engine === 'auto' ? [] : ['--engine', engine])]);
}

function reachMend(answer: Greeting, uri: string, isEmbedded: boolean, context: DoctorContext): Mend | null {
  if (answer.isHostRefused) return byHand(`mlflow server --allowed-hosts ${quoteForShell(new URL(uri).host)} …`);
  if (isEmbedded) return startServer(context);
  switch (answer.failure) {
    case 'tls':
      return byHand('export MLFLOW_TRACKING_SERVER_CERT_PATH=/path/to/its-authority.pem');
    case 'broken':
    case 'not-http':
      return uri.startsWith('http:')
        ? byHand(`export MLFLOW_TRACKING_URI=${quoteForShell(uri.replace(/^http:/, 'https:'))}`)
        : null;
    case 'refused':
    case 'unknown-host':
      return byHand('export MLFLOW_TRACKING_URI=http://…');
    default:
      return null;
  }
}

async function tellVersion(context: DoctorContext): Promise<Outcome> {
  const { version } = await greeting(context);
  if (version === null) return skipped('It does not tell');
  const facts = { version };
  const major = Number.parseInt(version, 10);
  if (major < 2) return broken(`MLflow ${version} is too old: 2 or later is needed`, { facts });
  if (major < 3) return fine(`MLflow ${version}; models are kept as its version 2 does`, facts);
  return fine(`MLflow ${version}${version === mlflowVersion ? ', the one that Slipway is made with' : ''}`, facts);
}

const loginMend = byHand('export MLFLOW_TRACKING_USERNAME=… MLFLOW_TRACKING_PASSWORD=…');

async function whoAmI(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  const [answer, found] = await Promise.all([greeting(context), serverAtHand(context)]);
  if (found === null) return skipped('No server runs');
  if (answer.error !== null) {
    const text = errorMessage(answer.error).replace(/\.$/, '');
    if (answer.status === 401) return broken(text, { mend: loginMend, facts: { status: 401 } });
    return broken(full(answer.error), { facts: { status: answer.status } });
  }
  const user = await currentUser(found.client, signal).catch((error: unknown) => {
    // Who it takes us for is of interest alone: it lets us in.
    if (error instanceof MlflowApiError) return undefined;
    throw error;
  });
  if (user === undefined) return fine('It lets us in, and does not say as whom');
  if (user === null) return fine('It lets everyone in');
  return fine(`It knows us as ${user.name}${user.isAdmin ? ', an administrator' : ''}`, { ...user });
}

async function mayMakeRun(context: DoctorContext): Promise<Outcome> {
  const { runError, cleanUpError, experimentName, usualName } = await trialRun(context);
  const facts = { experimentName };
  if (runError !== null) return refused('a run', runError, facts);
  if (cleanUpError !== null) {
    const text = `A run was made in ${experimentName}, and could not be deleted again: ${errorMessage(cleanUpError)}`;
    return warning(text, { facts });
  }
  const instead = `; in ${experimentName}, as ${usualName} is an experiment that the doctor did not make`;
  const text = 'One was made, given a parameter, a metric and a tag, and deleted';
  return fine(`${text}${experimentName === usualName ? '' : instead}`, facts);
}

async function mayStoreArtifact(context: DoctorContext): Promise<Outcome> {
  const { artifactError, artifactUri } = await trialRun(context);
  const facts = { artifactUri };
  if (artifactError === null) return fine('A file was stored and found again', facts);
  if (artifactError instanceof MlflowApiError && artifactError.status === 500) {
    const text = `The server cannot store an artifact (${artifactError.status}): may its user write to its artifact folder?`;
    const folder = (await isOwnServer(context)) ? quoteForShell(`${context.storageDirectory}/mlflow/artifacts`) : null;
    return broken(text, {
      facts,
      mend: byHand(
        folder === null
          ? 'mlflow server --artifacts-destination /writable/folder …'
          : `sudo chown -R "$(id -u)" ${folder}`,
      ),
    });
  }
  return refused('an artifact', artifactError, facts);
}

async function isOwnServer(context: DoctorContext): Promise<boolean> {
  return (await serverAtHand(context))?.isEmbedded === true && (await runEngine(context)) !== 'none';
}

function refused(what: string, error: unknown, facts: Readonly<Record<string, unknown>>): Outcome {
  if (error instanceof MlflowApiError && error.status === 403) {
    return broken(`The server does not let this user make ${what} (403): its administrator must permit it`, { facts });
  }
  return broken(`${capital(what)} cannot be made: ${full(error)}`, { facts });
}

function full(error: unknown): string {
  return error instanceof SlipwayError ? sentenceOf(error) : errorMessage(error);
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
