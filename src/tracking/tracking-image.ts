import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildProgress, type DockerEngine } from '../docker/index.ts';
import { UnavailableError } from '../errors.ts';
import { defaultBaseImage, ensureBaseImage, hostTrust, packContext } from '../image/index.ts';
import { formatDuration, sha256 } from '../util/index.ts';
import { packageRoot } from '../util/package-root.ts';
import { acquireProcessLock } from '../util/process-lock.ts';
import { tellTidied } from '../util/tidy-line.ts';
import { mlflowVersion } from './server-command.ts';
import type { EnsureTrackingServerOptions } from './types.ts';

/** The base with Python that a registry has. */
const registryBase = 'python:3.12-slim';
/** On the image: digest of the Dockerfile and the version it was built from. */
const buildLabel = 'slipway.build';

/**
 * The image of the tracking server, built where the engine has none of this Dockerfile and version. Throws
 * UnavailableError where no base can be had, ImageBuildError with the step and its last lines where the build fails.
 */
export async function ensureTrackingImage(engine: DockerEngine, options: EnsureTrackingServerOptions): Promise<string> {
  const { signal = new AbortController().signal, onProgress } = options;
  const directory = join(packageRoot(), 'deploy', 'tracking');
  const digest = sha256(`${mlflowVersion}\n${await readFile(join(directory, 'Dockerfile'), 'utf8')}`);
  const reference = `slipway-tracking:${mlflowVersion}-${digest.slice(0, 12)}`;
  const isBuilt = async (): Promise<boolean> =>
    (await engine.inspectImage(reference, { signal }))?.labels[buildLabel] === digest;
  if (await isBuilt()) return reference;

  const lock = await acquireProcessLock(`tracking image ${reference}`, {
    signal,
    onWait: () => onProgress(`${reference} is being built already`),
  });
  try {
    if (await isBuilt()) return reference;
    const startedAtMs = Date.now();
    onProgress(`building ${reference} with MLflow ${mlflowVersion} (once; some minutes)`);
    const base = await baseImage(engine, { ...options, signal });
    const trust = await hostTrust(options.environment);
    await engine.buildImage({
      context: packContext(
        directory,
        [{ path: 'Dockerfile', mode: 0o644, isLink: false, sizeBytes: 0 }],
        // The Dockerfile copies the folder: it must be there even where nothing is to be trusted.
        [{ path: '.ca/README', content: 'How this machine reaches package indexes.\n' }, ...trust.map(intoFolder)],
      ),
      tags: [reference],
      buildArguments: { BASE: base, MLFLOW_VERSION: mlflowVersion },
      labels: { [buildLabel]: digest },
      onLine: buildProgress(onProgress),
      signal,
    });
    onProgress(`built ${reference} in ${formatDuration(Date.now() - startedAtMs)}`);
    return reference;
  } finally {
    await lock.release();
  }
}

/** An image with Python where a registry has one, else the base that runs are built on, which gets Python here. */
async function baseImage(
  engine: DockerEngine,
  options: EnsureTrackingServerOptions & { readonly signal: AbortSignal },
): Promise<string> {
  if ((await engine.inspectImage(registryBase, options)) !== null) return registryBase;
  try {
    options.onProgress(`pulling ${registryBase}`);
    await engine.pullImage(registryBase, { signal: options.signal, onLine: tellTidied(options.onProgress) });
    return registryBase;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return (await ensureBaseImage(engine, defaultBaseImage, options)).reference;
  }
}

function intoFolder({ name, content }: { name: string; content: string }): { path: string; content: string } {
  return { path: `.ca/${name}`, content };
}
