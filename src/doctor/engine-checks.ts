import { statfs } from 'node:fs/promises';
import { DockerApiError, usualBuilder } from '../docker/index.ts';
import { errorCode, errorMessage, SlipwayError, UnavailableError } from '../errors.ts';
import { requireGpuRuntime } from '../executors/index.ts';
import { formatBytes, formatDuration } from '../util/format.ts';
import { broken, byHand, type Check, fine, type Outcome, sentenceOf, skipped, warning } from './check.ts';
import type { DoctorContext } from './context.ts';
import { judgeSpace } from './disk-space.ts';
import { engineMend } from './engine-mend.ts';
import { hasNvidiaDevice } from './nvidia.ts';
import { runContainer } from './run-container.ts';
import { connectedEngine, engineInfo, imageAtHand, mustHaveEngine } from './shared-parts.ts';

/** Device requests, which `--gpus` needs, came with Docker 19.03 (Engine API 1.40). */
const oldestApi = [1, 40] as const;

const group = 'engine';
const reachable = 'engine.reachable';

/** The Docker engine. */
export const engineChecks: readonly Check[] = [
  {
    id: reachable,
    group,
    title: 'reachable',
    async run(context) {
      if (context.engine === 'host')
        return skipped('Runs use the host (--engine host), not Docker', { blocks: 'runs use the host' });
      try {
        const { endpoint } = await connectedEngine(context);
        return fine(`Docker answers at ${endpoint}`, { endpoint });
      } catch (error) {
        context.signal.throwIfAborted();
        return notReachable(error, context);
      }
    },
  },
  {
    id: 'engine.version',
    group,
    title: 'version',
    needs: [reachable],
    async run(context) {
      const { version, apiVersion, operatingSystem, cpus, memoryMiB, isRootless } = await engineInfo(context);
      const facts = { version, apiVersion, operatingSystem, processors: cpus, memoryMiB, isRootless };
      const [major = 0, minor = 0] = apiVersion.split('.').map(Number);
      const name = `Docker ${version} (API ${apiVersion}${isRootless ? ', rootless' : ''})`;
      if (major < oldestApi[0] || (major === oldestApi[0] && minor < oldestApi[1])) {
        return broken(`${name} is too old: 19.03 or later is needed`, { facts });
      }
      const memory = formatBytes(memoryMiB * 1024 * 1024);
      return fine(`${name} on ${operatingSystem}, ${cpus} processors, ${memory} of memory`, facts);
    },
  },
  {
    id: 'engine.builder',
    group,
    title: 'builder',
    needs: [reachable],
    async run(context, signal) {
      const builder = await usualBuilder({ environment: context.environment, signal });
      const facts = { builder };
      if (builder === 'classic') return fine('The classic builder, which Slipway uses, and not BuildKit', facts);
      return fine('BuildKit; Slipway uses the classic builder, which is there as well', facts);
    },
  },
  { id: 'engine.disk', group, title: 'disk', needs: [reachable], run: diskLeft },
  { id: 'engine.nvidia', group, title: 'NVIDIA runtime', needs: [reachable], run: nvidiaRuntime },
  { id: 'engine.container', group, title: 'container', needs: [reachable], timeoutMs: 60_000, run: containerStarts },
];

async function notReachable(error: unknown, context: DoctorContext): Promise<Outcome> {
  const mend = await engineMend(error, context);
  const facts = { reason: errorCode((error as Error).cause) ?? null };
  const blocks = 'no Docker engine answers';
  const isFatal = mustHaveEngine(context) || !(error instanceof UnavailableError);
  const said = error instanceof SlipwayError && mend === null && isFatal ? sentenceOf(error) : errorMessage(error);
  const text = said.replace(/\.$/, '');
  if (isFatal) return broken(text, { mend, facts, blocks });
  return warning(`${text}. Runs execute on this machine instead, without a container`, { mend, facts, blocks });
}

/** What is left where the engine keeps images; that folder may lie in a virtual machine of its own. */
async function diskLeft(context: DoctorContext): Promise<Outcome> {
  const { rootDirectory } = await engineInfo(context);
  try {
    const { bavail, bsize, blocks } = await statfs(rootDirectory);
    return judgeSpace({ freeBytes: bavail * bsize, totalBytes: blocks * bsize }, `in ${rootDirectory}`, {
      text: 'an image takes 1 to 6 GB',
      mend: byHand('docker image prune'),
    });
  } catch (error) {
    return skipped(
      `${rootDirectory} of the engine cannot be looked at from here (${errorCode(error) ?? errorMessage(error)})`,
    );
  }
}

async function nvidiaRuntime(context: DoctorContext): Promise<Outcome> {
  const { runtimes } = await engineInfo(context);
  const facts = { runtimes };
  const text = 'This Docker engine has no NVIDIA runtime to give GPUs to containers';
  const mend = byHand('sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker');
  try {
    await requireGpuRuntime(await connectedEngine(context), context.signal);
    return fine('The NVIDIA runtime is installed', facts);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
  if (context.gpus !== null) {
    return broken(`${text}: install the NVIDIA Container Toolkit and set it up, or run without --gpus`, {
      mend,
      facts,
    });
  }
  if (await hasNvidiaDevice()) return warning(`${text}, although this machine has some`, { mend, facts });
  return skipped('None, and no GPU to give', { facts, blocks: 'the engine has no NVIDIA runtime' });
}

async function containerStarts(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  const engine = await connectedEngine(context);
  const image = await imageAtHand(context);
  if (image === null) {
    return warning('Not tried: the engine has no image yet; the first run makes one, and shows it', {
      blocks: 'there is no image to start a container of',
    });
  }
  const startedAtMs = performance.now();
  try {
    const command = ['/bin/sh', '-c', 'echo started'];
    const { exitCode, output } = await runContainer(engine, { image: image.id, command }, context, signal);
    const durationMs = Math.round(performance.now() - startedAtMs);
    const facts = { image: image.reference, exitCode, durationMs };
    if (exitCode === 0 && output === 'started') {
      return fine(`One of ${image.reference} was started and removed in ${formatDuration(durationMs)}`, facts);
    }
    return broken(`One of ${image.reference} ended with exit code ${exitCode}: ${output || 'it wrote nothing'}`, {
      facts,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DockerApiError)) throw error;
    return broken(`One of ${image.reference} cannot be started: ${error.reason}`, {
      facts: { image: image.reference },
    });
  }
}
