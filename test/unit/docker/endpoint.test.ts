import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { endpointText, resolveEndpoint } from '../../../src/docker/endpoint.ts';
import { UsageError } from '../../../src/errors.ts';
import { temporaryDirectory } from '../../support/index.ts';

describe('where the engine is looked for', () => {
  it('takes DOCKER_HOST', () => {
    expect(resolveEndpoint({ DOCKER_HOST: 'unix:///run/other.sock' })).toEqual({
      kind: 'unix',
      socketPath: '/run/other.sock',
    });
    expect(resolveEndpoint({ DOCKER_HOST: 'tcp://10.0.0.1:1234' })).toEqual({
      kind: 'tcp',
      host: '10.0.0.1',
      port: 1234,
      tls: null,
    });
    expect(endpointText(resolveEndpoint({ DOCKER_HOST: 'ssh://me@far' }))).toBe('ssh://far');
  });

  it('refuses an address it does not understand, and TLS without certificates', () => {
    expect(() => resolveEndpoint({ DOCKER_HOST: 'npipe:////./pipe/docker' })).toThrow(UsageError);
    expect(() => resolveEndpoint({ DOCKER_HOST: 'tcp://h:2376', DOCKER_CERT_PATH: '/nowhere' })).toThrow(/ca\.pem/);
  });

  it('follows the current context of the docker client', async () => {
    await using home = await temporaryDirectory();
    const folder = home.join('contexts', 'meta', createHash('sha256').update('lab').digest('hex'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(home.join('config.json'), JSON.stringify({ currentContext: 'lab' }));
    writeFileSync(`${folder}/meta.json`, JSON.stringify({ Endpoints: { docker: { Host: 'unix:///lab.sock' } } }));
    expect(resolveEndpoint({ DOCKER_CONFIG: home.path })).toEqual({ kind: 'unix', socketPath: '/lab.sock' });
    expect(() => resolveEndpoint({ DOCKER_CONFIG: home.path, DOCKER_CONTEXT: 'gone' })).toThrow(
      /"gone" does not exist/,
    );
  });

  it('takes the rootless socket where the system has none', async () => {
    await using folder = await temporaryDirectory();
    writeFileSync(folder.join('docker.sock'), '');
    const endpoint = resolveEndpoint({ XDG_RUNTIME_DIR: folder.path });
    expect(['/var/run/docker.sock', folder.join('docker.sock')]).toContain(endpointText(endpoint));
  });
});
