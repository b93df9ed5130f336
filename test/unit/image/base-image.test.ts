import { expect, test } from 'vitest';
import { DockerEngine } from '../../../src/docker/index.ts';
import { ensureBaseImage } from '../../../src/image/index.ts';
import { acquireProcessLock } from '../../../src/util/process-lock.ts';
import { startHttpServer } from '../../support/http-server.ts';

/** An engine that has no image and whose registry is closed. */
const startEngine = () =>
  startHttpServer(({ url }) => (url.includes('/_ping') ? {} : [404, { message: 'the registry is closed' }]));

test('who waits for a base image is told what for, whoever gets it: it may be the same launch', async () => {
  await using server = await startEngine();
  const engine = await DockerEngine.connect({ environment: { DOCKER_HOST: server.uri.replace('http', 'tcp') } });
  const wanted = 'slipway-test-waiting:1';
  await using _held = await acquireProcessLock(`slipway-base-image ${wanted}`);
  const told: string[] = [];
  const enough = new AbortController();
  const onProgress = (text: string): void => {
    told.push(text);
    enough.abort();
  };
  const waiting = ensureBaseImage(engine, wanted, { signal: enough.signal, onProgress, onNotice: onProgress });
  await expect(waiting).rejects.toThrow();
  expect(told).toEqual([`Waiting for ${wanted}, which is being pulled or made already`]);
});

test('why there is no base image is a whole sentence', async () => {
  await using server = await startEngine();
  const engine = await DockerEngine.connect({ environment: { DOCKER_HOST: server.uri.replace('http', 'tcp') } });
  const { signal } = new AbortController();
  const getting = ensureBaseImage(engine, 'slipway-test-none:1', { signal, onProgress: () => {}, onNotice: () => {} });
  await expect(getting).rejects.toThrow(
    /^The base image slipway-test-none:1 cannot be had: .*the registry is closed\.$/,
  );
});
