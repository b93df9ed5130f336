import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askForParameters, type TrainerCall } from '../../../src/launch/trainer-parameters.ts';
import { type EntryPoint, loadProject, resolveParameters } from '../../../src/project/index.ts';
import { packageRoot } from '../../../src/util/package-root.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

let folder: TemporaryDirectory;
let main: EntryPoint;

beforeAll(async () => {
  folder = await temporaryDirectory();
  const project = await loadProject(packageRoot());
  main = project.entryPoints.main as EntryPoint;
});

afterAll(async () => {
  await folder?.remove();
});

/** The call of the trainer for what was typed, with this configuration file where one is given. */
function call(typed: Readonly<Record<string, string>>, text: string | null, entryPoint = main): Promise<TrainerCall> {
  const config = folder.join('config.yaml');
  if (text !== null) writeFileSync(config, text);
  const context = { projectDirectory: packageRoot(), storageDirectory: folder.path, engineHasContainers: false };
  const given = { ...typed, ...(text === null ? {} : { config }) };
  const resolved = resolveParameters(entryPoint, given, { strict: true, programTakes: () => true, ...context });
  return askForParameters(resolved, entryPoint, { ...context, signal: new AbortController().signal });
}

describe("a run of Slipway's own MLproject, which hands every parameter over", () => {
  it('takes the values of a file over its defaults, and what was typed over the file', async () => {
    const file = 'epochs: 7\nseed: 3\nbatch_size: 8\ntraining: {learning_rate: 0.25, optimizer: sgd}\n';
    const { command, parameters } = await call({ seed: '9' }, file);
    expect(command).toContain(' --epochs 7 --batch-size 8 ');
    expect(command).toContain(' --learning-rate 0.25 ');
    expect(command).toContain(' --seed 9 ');
    expect(command).not.toContain('--defaulted');
    expect(command).toMatch(/ --config \S+\/config\.yaml$/);
    expect(parameters.logged).toMatchObject({
      epochs: '7',
      seed: '9',
      batch_size: '8',
      learning_rate: '0.25',
      convolutions: '2',
      'training.optimizer': 'sgd',
      config: folder.join('config.yaml'),
    });
  });

  it('is called as the MLproject says where there is no file', async () => {
    const { command, parameters } = await call({ epochs: '2' }, null);
    expect(command).toContain('node bin/train --epochs 2 --batch-size 32 ');
    expect(command).not.toMatch(/--config|--defaulted/);
    expect(parameters.logged).toMatchObject({ epochs: '2', batch_size: '32' });
  });

  it('tells of data that the file names and that are not there, and not of data that it replaces', async () => {
    await expect(call({}, 'data: /storage/none.zip\n')).rejects.toThrow(
      `Parameter data is /storage/none.zip, but ${folder.join('none.zip')} does not exist on this machine.`,
    );
    writeFileSync(folder.join('some.zip'), '');
    const { command, parameters } = await call({}, 'data: /storage/some.zip\n');
    expect(command).toContain(` --data ${folder.join('some.zip')} `);
    expect(parameters.logged.data).toBe('/storage/some.zip');
  });
});

describe('an MLproject with names of its own', () => {
  const parameter = (name: string, value: string) =>
    ({ name, type: 'string', default: value, description: null, min: null, max: null, choices: null }) as const;
  const entryPoint = (command: string): EntryPoint => ({
    name: 'main',
    command,
    parameters: [parameter('rate', '1e-3'), parameter('passes', '4')],
    isScript: false,
  });

  it('has them recorded as what replaced them, and as written where nothing did', async () => {
    const point = entryPoint('slipway-train --learning-rate {rate} --epochs {passes}');
    const { command, parameters } = await call({}, 'epochs: 2\n', point);
    expect(command).toMatch(/^slipway-train --learning-rate 1e-3 --epochs 2 --config /);
    expect(parameters.logged).toMatchObject({ rate: '1e-3', passes: '2', epochs: '2' });
  });

  it('leaves to the trainer what only that can tell, and records nothing of it', async () => {
    const long = entryPoint('slipway-train --training.learning_rate {rate} --epochs {passes}');
    const one = await call({}, 'learning_rate: 0.5\n', long);
    expect(one.command).toMatch(/ --defaulted training\.learning_rate$/);
    expect(one.parameters.logged).toMatchObject({ passes: '4', learning_rate: '0.5' });
    expect(one.parameters.logged).not.toHaveProperty('rate');
    const shell = entryPoint('slipway-train --learning-rate {rate} --epochs {passes} --seed $(date +%s)');
    const other = await call({ passes: '3' }, 'learning_rate: 0.5\n', shell);
    expect(other.command).toMatch(/ --defaulted learning_rate$/);
    expect(other.parameters.logged).toEqual({ passes: '3', config: folder.join('config.yaml') });
  });
});
