import { resolveEndpoint } from './endpoint.ts';
import { EngineTransport } from './transport.ts';

/**
 * The builder that the engine's own client would use; ours is the classic one. Engines before 23 say nothing unless
 * they were set up to, and their client then takes the classic one. Rejects as a DockerEngine does.
 */
export async function usualBuilder(options: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}): Promise<'classic' | 'buildkit'> {
  const { environment, ...abortable } = options;
  const transport = new EngineTransport(resolveEndpoint(environment), environment.SSH_AUTH_SOCK);
  const { headers } = await transport.head({ method: 'HEAD', path: '/_ping', purpose: 'to answer', ...abortable });
  return headers['builder-version'] === '2' ? 'buildkit' : 'classic';
}
