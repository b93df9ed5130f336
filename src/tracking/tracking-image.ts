import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockerEngine } from '../docker/index.ts';
import { formatDuration, sha256 } from '../util/index.ts';
import { packageRoot } from '../util/package-root.ts';
import { mlflowVersion } from './server-command.ts';
import type { EnsureTrackingServerOptions } from './types.ts';

/** The base with Python that a registry has. */
const registryBase = 'python:3.12-slim';

/** The image of the tracking server, built where the engine has none of this Dockerfile and version. */
export async function ensureTrackingImage(engine: DockerEngine, options: EnsureTrackingServerOptions): Promise<string> {
  const directory = join(packageRoot(), 'deploy', 'tracking');
  const dockerfile = await readFile(join(directory, 'Dockerfile'), 'utf8');
  const reference = `slipway-tracking:${mlflowVersion}-${sha256(dockerfile).slice(0, 12)}`;
  if ((await engine.inspectImage(reference, options)) !== null) return reference;
  const startedAtMs = Date.now();
  options.onProgress(`building ${reference} with MLflow ${mlflowVersion} (once; some minutes)`);
  await engine.pullImage(registryBase, options);
  options.onProgress(`built ${reference} in ${formatDuration(Date.now() - startedAtMs)}`);
  return reference;
}
