import { environment } from '../../src/config.ts';
import { DockerEngine } from '../../src/docker/index.ts';
import { defaultBaseImage, ensureBaseImage } from '../../src/image/index.ts';

/** An image with a shell and Node.js on this machine's engine: the default base, or the one made in its place. */
export async function testBaseImage(): Promise<string> {
  const docker = await DockerEngine.connect({ environment: environment() });
  const base = await ensureBaseImage(docker, defaultBaseImage, {
    signal: AbortSignal.timeout(600_000),
    onProgress: () => {},
    onNotice: () => {},
  });
  return base.reference;
}
