import { expect, it } from 'vitest';
import { readArtifacts } from '../../../src/history/read-artifacts.ts';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { startHttpServer } from '../../support/http-server.ts';

const runId = 'c05c2f263a3b4143ad6fc4adc5d26958';

/** What is told of the artifacts of a server that does not list some folders. */
async function artifactsWithout(isMissing: (path: string) => boolean) {
  await using server = await startHttpServer(({ url }) => {
    const path = new URL(url, 'http://x').searchParams.get('path') ?? '';
    if (isMissing(path)) return [500, { error_code: 'INTERNAL_ERROR', message: 'boom' }];
    const files =
      path === ''
        ? [
            { path: 'plots', is_dir: true },
            { path: 'config.json', file_size: 3 },
          ]
        : [];
    return { root_uri: 's3://bucket', files };
  });
  const client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  try {
    return await readArtifacts(runId, { client, signal: new AbortController().signal });
  } finally {
    await client.close();
  }
}

it('artifacts that cannot be listed are told with the reason, and with those that were listed', async () => {
  const none = await artifactsWithout(() => true);
  expect(none).toMatchObject({ artifacts: [], hasMoreArtifacts: true });
  expect(none.artifactsProblem).toMatch(/ answered 500 INTERNAL_ERROR: boom\.$/);
  const some = await artifactsWithout((path) => path === 'plots');
  expect(some.artifacts.map(({ path }) => path)).toEqual(['plots', 'config.json']);
  expect(some.artifactsProblem).toMatch(/boom\.$/);
  expect(await artifactsWithout(() => false)).toMatchObject({ hasMoreArtifacts: false, artifactsProblem: null });
});
