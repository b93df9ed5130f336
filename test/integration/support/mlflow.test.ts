import { describe, expect, it } from 'vitest';
import { startMlflow } from '../../support/index.ts';

const authorization = ({ username, password }: { username: string; password: string }) => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});

async function createExperiment(uri: string, name: string): Promise<number> {
  const response = await fetch(`${uri}/api/2.0/mlflow/experiments/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  return response.status;
}

describe('the MLflow server of the tests', () => {
  it('keeps its port and data over a kill and a restart, and is gone with its scope', async () => {
    let uri: string;
    {
      await using server = await startMlflow();
      uri = server.uri;
      expect(await createExperiment(uri, 'first')).toBe(200);
      await server.kill();
      await expect(fetch(`${uri}/health`)).rejects.toThrow();
      await server.restart();
      expect(await createExperiment(uri, 'first')).toBe(400);
      expect(await createExperiment(uri, 'second')).toBe(200);
    }
    await expect(fetch(`${uri}/health`)).rejects.toThrow();
  });

  it('asks for a login and serves below a prefix where that is wanted', async () => {
    await using server = await startMlflow({ auth: true });
    expect(server.login).not.toBeNull();
    expect((await fetch(`${server.uri}/version`)).status).toBe(401);
    const answer = await fetch(`${server.uri}/version`, { headers: authorization(server.login!) });
    expect(await answer.text()).toBe('3.17.2');

    await using below = await startMlflow({ staticPrefix: '/tracking' });
    expect(below.uri.endsWith('/tracking')).toBe(true);
    expect(await (await fetch(`${below.uri}/version`)).text()).toBe('3.17.2');
  });

  it('tells what the server said when it cannot start', async () => {
    await expect(startMlflow({ extraArguments: ['--no-such-option'] })).rejects.toThrow(/--no-such-option/);
  });
});
