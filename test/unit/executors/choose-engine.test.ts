import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../src/errors.ts';
import { chooseEngine } from '../../../src/executors/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

const nowhere = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

describe('the choice of an engine', () => {
  it('takes the host at its word, without asking Docker', async () => {
    const choice = await chooseEngine({ requested: 'host', environment: nowhere });
    expect(choice).toEqual({ engine: 'host', notice: expect.stringContaining('What that loses') });
  });

  it('fails where Docker was asked for and does not answer', async () => {
    const choosing = chooseEngine({ requested: 'docker', environment: nowhere });
    await expect(choosing).rejects.toThrow(UnavailableError);
    await expect(choosing).rejects.toMatchObject({ hint: expect.stringContaining('make engine') });
  });

  it('does not pass over an engine that someone named', async () => {
    await expect(chooseEngine({ requested: 'auto', environment: nowhere })).rejects.toThrow(UnavailableError);
  });

  it('goes to the host with a notice of what that loses, where the current context leads nowhere', async () => {
    await using configuration = await temporaryDirectory();
    const { createHash } = await import('node:crypto');
    const { mkdirSync, writeFileSync } = await import('node:fs');
    const folder = configuration.join('contexts/meta', createHash('sha256').update('gone').digest('hex'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/meta.json`, JSON.stringify({ Endpoints: { docker: { Host: 'unix:///nowhere.sock' } } }));
    const environment = { DOCKER_CONFIG: configuration.path, DOCKER_CONTEXT: 'gone' };
    const { engine, notice } = await chooseEngine({ requested: 'auto', environment });
    expect(engine).toBe('host');
    expect(notice).toContain('there is no socket at /nowhere.sock');
    expect(notice).toContain('What that loses');
  });

  it('takes Docker where it answers', async () => {
    await using folder = await temporaryDirectory();
    const server = createServer((_request, response) => response.end('OK')).listen(folder.join('docker.sock'));
    await once(server, 'listening');
    const environment = { DOCKER_HOST: `unix://${folder.join('docker.sock')}` };
    const choice = await chooseEngine({ requested: 'auto', environment });
    expect(choice).toMatchObject({ engine: 'docker', notice: null });
    server.close();
  });

  it('refuses an engine on another machine, which cannot mount the storage', async () => {
    const server = createServer((_request, response) => response.end('OK')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const environment = { DOCKER_HOST: `tcp://127.0.0.1:${port}` };
    await expect(chooseEngine({ requested: 'docker', environment })).rejects.toThrow('runs on another machine');
    server.closeAllConnections();
    server.close();
  });
});
