import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { connectionSettings } from '../../../src/mlflow/settings.ts';
import { temporaryDirectory } from '../../support/index.ts';

const nobody = { username: null, password: null };
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const read = (
  environment: Record<string, string>,
  user: { username: string | null; password: string | null } = nobody,
) => connectionSettings({ HOME: '/nonexistent', ...environment }, user);

describe('signing in', () => {
  const login = { MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'pä:ss' };

  it('uses user name and password, before a token', () => {
    expect(read({ ...login, MLFLOW_TRACKING_TOKEN: 'abc' }).authorization).toBe(basic('ann:pä:ss'));
  });

  it('uses a token', () => {
    expect(read({ MLFLOW_TRACKING_TOKEN: 'abc' })).toMatchObject({ authorization: 'Bearer abc', secrets: ['abc'] });
  });

  it('prefers the user info of the address', () => {
    expect(read(login, { username: 'bob', password: 'x' }).authorization).toBe(basic('bob:x'));
  });

  it('signs in as nobody where nothing is set', () => {
    expect(read({}).authorization).toBeNull();
  });

  it("reads the section of MLflow's own credentials file", async () => {
    await using home = await temporaryDirectory();
    await mkdir(home.join('.mlflow'));
    const text =
      '[other]\nmlflow_tracking_username = no\n[mlflow]\nmlflow_tracking_username = ann\nmlflow_tracking_password=s = t\n';
    await writeFile(home.join('.mlflow', 'credentials'), text);
    expect(read({ HOME: home.path }).authorization).toBe(basic('ann:s = t'));
    expect(read({ HOME: home.path, ...login }).authorization).toBe(basic('ann:pä:ss'));
  });

  it.each([
    [{ MLFLOW_TRACKING_USERNAME: 'ann' }, 'MLFLOW_TRACKING_PASSWORD is not'],
    [{ MLFLOW_TRACKING_PASSWORD: 'x' }, 'MLFLOW_TRACKING_USERNAME is not'],
    [{ MLFLOW_TRACKING_TOKEN: 'a b' }, 'MLFLOW_TRACKING_TOKEN contains'],
    [{ MLFLOW_TRACKING_AWS_SIGV4: 'true' }, 'MLFLOW_TRACKING_AWS_SIGV4 is set'],
    [{ MLFLOW_TRACKING_AUTH: 'plugin' }, 'MLFLOW_TRACKING_AUTH is set'],
  ])('fails loudly for %j', (environment, text) => {
    expect(() => read(environment)).toThrow(text);
  });
});

describe('time limits and repetitions', () => {
  it('reads seconds and counts', () => {
    const settings = read({
      MLFLOW_HTTP_REQUEST_TIMEOUT: '2.5',
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
      MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '3',
    });
    expect(settings).toMatchObject({ timeoutMs: 2500, retry: { maximumRetries: 0, baseDelayMs: 3000 } });
    expect(read({})).toMatchObject({ timeoutMs: undefined, retry: {} });
  });

  it.each([
    ['MLFLOW_HTTP_REQUEST_TIMEOUT', 'ten', 'a number above 0'],
    ['MLFLOW_HTTP_REQUEST_TIMEOUT', '0', 'a number above 0'],
    ['MLFLOW_HTTP_REQUEST_MAX_RETRIES', '1.5', 'a whole number of at least 0'],
    ['MLFLOW_HTTP_REQUEST_MAX_RETRIES', '-1', 'a whole number of at least 0'],
    ['MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR', 'x', 'a number of at least 0'],
  ])('refuses %s=%s', (name, value, text) => {
    expect(() => read({ [name]: value })).toThrow(`${name} is "${value}", but must be ${text}.`);
  });
});

describe('certificates, proxy and workspace', () => {
  it('reads certificate files', async () => {
    await using directory = await temporaryDirectory();
    const pem = '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n';
    await writeFile(directory.join('ca.pem'), pem);
    expect(read({ MLFLOW_TRACKING_SERVER_CERT_PATH: directory.join('ca.pem') }).tls).toEqual({ ca: pem });
    expect(read({ MLFLOW_TRACKING_CLIENT_CERT_PATH: directory.join('ca.pem') }).tls).toEqual({ cert: pem, key: pem });
    expect(read({ MLFLOW_TRACKING_INSECURE_TLS: 'TRUE' }).tls).toEqual({ rejectUnauthorized: false });
    expect(read({ MLFLOW_TRACKING_INSECURE_TLS: 'false' }).tls).toBeUndefined();
  });

  it('names the variable that is wrong', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(directory.join('empty.pem'), 'hello');
    const wrong = (environment: Record<string, string>) => () => read(environment);
    expect(wrong({ MLFLOW_TRACKING_SERVER_CERT_PATH: '/nonexistent/ca.pem' })).toThrow(
      'MLFLOW_TRACKING_SERVER_CERT_PATH names /nonexistent/ca.pem, which cannot be read',
    );
    expect(wrong({ MLFLOW_TRACKING_CLIENT_CERT_PATH: directory.join('empty.pem') })).toThrow('holds no PEM');
    expect(wrong({ MLFLOW_TRACKING_INSECURE_TLS: 'yes' })).toThrow('MLFLOW_TRACKING_INSECURE_TLS is "yes"');
    expect(wrong({ MLFLOW_TRACKING_INSECURE_TLS: '1', MLFLOW_TRACKING_SERVER_CERT_PATH: '/x' })).toThrow('exclude');
    expect(wrong({ HTTP_PROXY: 'no proxy' })).toThrow('HTTP_PROXY');
  });

  it('reads proxy and workspace', () => {
    expect(read({ https_proxy: 'http://proxy:3128', NO_PROXY: 'a,b', MLFLOW_WORKSPACE: 'team' })).toMatchObject({
      proxy: { httpsProxy: 'http://proxy:3128', noProxy: 'a,b' },
      workspace: 'team',
    });
    expect(read({ NO_PROXY: '*' })).toMatchObject({ proxy: undefined, workspace: null });
  });
});
