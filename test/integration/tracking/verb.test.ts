import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pythonPath, slipway, temporaryDirectory } from '../../support/index.ts';

test('slipway tracking starts, shows and stops the server, for a person and for a program', async () => {
  await using storage = await temporaryDirectory();
  const environment = { SLIPWAY_MLFLOW_PYTHON: await pythonPath() };
  const tracking = (...words: string[]) =>
    slipway(['tracking', ...words, '--storage', storage.path], { cwd: storage.path, environment });
  const none = await tracking('status');
  expect(none).toMatchObject({ exitCode: 1, stdout: `No tracking server runs for ${storage.path}.\n` });
  expect(existsSync(storage.join('mlflow'))).toBe(false);
  try {
    const up = await tracking('up', '--engine', 'host');
    expect(up.exitCode).toBe(0);
    expect(up.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
    expect(up.stderr).toMatch(/^✓ tracking server http:\S+ {2}[\d.]+ (s|ms|min)/m);
    const status = await tracking('status', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ running: true, uri: up.stdout.trim(), kind: 'python' });
    // Found again, it says so; quiet, it says its address alone.
    expect((await tracking('up', '--engine', 'host')).stderr).toMatch(/ {2}reused {2}/);
    expect(await tracking('up', '--quiet')).toMatchObject({ stdout: up.stdout, stderr: '' });
    expect((await tracking('status', '--debug')).stderr).toMatch(/^ {2}GET \/version {2}200 {2}\d+ ms/m);
  } finally {
    expect((await tracking('down', '--json')).stdout).toContain('"stopped": true');
  }
  expect((await tracking('down')).stdout).toBe('No tracking server was running.\n');
});
