import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/index.ts';
import { plainEnvironment } from '../../support/plain-environment.ts';

const root = resolve(import.meta.dirname, '../../..');

/** What a recipe of the Makefile finds in its environment. */
async function handedOver(assignments: readonly string[], variable: string): Promise<string> {
  await using folder = await temporaryDirectory();
  const file = folder.join('show.mk');
  await writeFile(file, `include ${root}/Makefile\nshow:\n\t@printenv ${variable} || echo UNSET\n`);
  return execFileSync('make', ['-s', '-C', root, '-f', file, 'show', ...assignments], { encoding: 'utf8' });
}

test.each([
  ['P=epochs=3 batch_size=64', 'SLIPWAY_PARAMETER', 'epochs=3 batch_size=64'],
  ['RESUME=swift-heron-417', 'SLIPWAY_RESUME_RUN', 'swift-heron-417'],
  ['CONFIG=runs/wide/config.yaml', 'SLIPWAY_CONFIG', 'runs/wide/config.yaml'],
  ['RUN_NAME=first', 'SLIPWAY_RUN_NAME', 'first'],
  ['EXPERIMENT=malaria', 'SLIPWAY_EXPERIMENT_NAME', 'malaria'],
  ['RESTORE_EXPERIMENT=1', 'SLIPWAY_RESTORE_EXPERIMENT', '1'],
  ['MLFLOW_TRACKING_URI=http://x', 'MLFLOW_TRACKING_URI', 'http://x'],
  ['OFFLINE=1', 'SLIPWAY_OFFLINE', '1'],
  ['OFFLINE_OK=1', 'SLIPWAY_OFFLINE_OK', '1'],
  ['DETACH=1', 'SLIPWAY_DETACH', '1'],
  ['GPUS=all', 'SLIPWAY_GPUS', 'all'],
  ['ENGINE=host', 'SLIPWAY_ENGINE', 'host'],
  ['STORAGE=/storage', 'SLIPWAY_STORAGE', '/storage'],
  ['BASE_IMAGE=node:24', 'SLIPWAY_BASE_IMAGE', 'node:24'],
  ['MODEL=cells', 'SLIPWAY_REGISTER_MODEL', 'cells'],
  ['ENV_FILE=a.env b.env', 'SLIPWAY_ENV_FILE', 'a.env b.env'],
  ['SECRET=token=/x', 'SLIPWAY_SECRET', 'token=/x'],
  ['DRY_RUN=1', 'SLIPWAY_DRY_RUN', '1'],
  ['QUIET=1', 'SLIPWAY_QUIET', '1'],
  ['VERBOSE=1', 'SLIPWAY_VERBOSE', '1'],
  ['DEBUG=1', 'SLIPWAY_DEBUG', '1'],
])('make %s is handed over as %s', async (assignment, variable, value) => {
  expect(await handedOver([assignment], variable)).toBe(`${value}\n`);
});

test('a variable that is not given is not set', async () => {
  expect(await handedOver([], 'SLIPWAY_RUN_NAME')).toBe('UNSET\n');
});

test('neither make nor a shell reads what is handed over', async () => {
  await using folder = await temporaryDirectory();
  const trap = folder.join('trap');
  const value = `note='it'"s" $(touch ${trap}) \`touch ${trap}\` $$HOME $(shell touch ${trap}); touch ${trap} # x`;
  expect(await handedOver([`P=${value}`], 'SLIPWAY_PARAMETER')).toBe(`${value}\n`);
  expect(await handedOver([`MLFLOW_TRACKING_PASSWORD=${value}`], 'MLFLOW_TRACKING_PASSWORD')).toBe(`${value}\n`);
  expect(await handedOver([`RUNNAME=${value}`], 'RUNNAME')).toBe('UNSET\n');
  expect(existsSync(trap)).toBe(false);
});

test.each([
  ['RUNNAME=x', 'RUNNAME, which has no effect; did you mean RUN_NAME?'],
  ['run_name=x', 'run_name, which has no effect; did you mean RUN_NAME?'],
  ['EXPERIMENT_NAME=x', 'EXPERIMENT_NAME, which has no effect; did you mean EXPERIMENT?'],
  ['ENGIN=host', 'ENGIN, which has no effect; did you mean ENGINE?'],
  ['PARAMETERS=a=1', 'PARAMETERS, which has no effect; did you mean P?'],
  ['epochs=3', 'epochs, which has no effect: parameters are given as P="epochs=value"'],
  ['COLOUR=1', 'COLOUR, which has no effect; `make` alone lists those there are'],
])('make %s is warned of', (assignment, text) => {
  const end = spawnSync('make', ['-s', '-C', root, 'help', assignment], { encoding: 'utf8' });
  expect(end.stderr).toBe(`! warning: make knows no variable ${text}\n`);
  expect(end.status).toBe(0);
});

test('make warns of nothing that it or another program knows, and of what is only in the environment', () => {
  const words = ['RUN_NAME=a', 'P=b=1', 'QUIET=0', 'MLFLOW_TRACKING_URI=http://x', 'DOCKER_HOST=unix:///x'];
  const environment = plainEnvironment({ RUNNAME: 'x' });
  const end = spawnSync('make', ['-s', '-C', root, 'help', ...words], { encoding: 'utf8', env: environment });
  expect(end.stderr).toBe('');
});

test('make alone lists the targets', () => {
  const help = execFileSync('make', ['-s', '-C', root], { encoding: 'utf8' });
  for (const target of [
    'run',
    'setup',
    'build',
    'data',
    'test',
    'lint',
    'clean',
    'engine',
    'tracking',
    'tracking-down',
    'doctor',
  ]) {
    expect(help).toMatch(new RegExp(`^ {2}make ${target} `, 'm'));
  }
});

test.each([
  [{}, '… a step\n✓ a step  0.0 s\n'],
  [{ SLIPWAY_QUIET: '1' }, ''],
  [{ SLIPWAY_VERBOSE: '1' }, '… a step\nsaid\n✓ a step  0.0 s\n'],
  [{ SLIPWAY_QUIET: '0' }, '… a step\n✓ a step  0.0 s\n'],
])('a step of make says as much as is asked for: %j', (environment, text) => {
  const step = (...words: string[]) =>
    spawnSync('sh', [`${root}/deploy/step.sh`, 'a step', ...words], {
      encoding: 'utf8',
      env: plainEnvironment(environment),
    });
  expect(step('sh', '-c', 'echo said').stderr.replace(/\d\.\d s/, '0.0 s')).toBe(text);
  const failed = step('sh', '-c', 'echo said; exit 3');
  expect(failed.status).toBe(3);
  expect(failed.stderr).toMatch(/said\n✗ a step \(exit code 3\)\n$/);
});
