import { environment } from '../../src/config.ts';
import { DockerEngine } from '../../src/docker/index.ts';
import { UnavailableError } from '../../src/errors.ts';
import { skip } from './skip.ts';

/** This machine's Docker engine; skips the test where none answers. */
export async function requireDocker(): Promise<DockerEngine> {
  try {
    return await DockerEngine.connect({ environment: environment() });
  } catch (error) {
    if (error instanceof UnavailableError) skip(`no Docker engine: ${error.message}`);
    throw error;
  }
}
