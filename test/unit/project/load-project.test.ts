import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { loadProject } from '../../../src/project/index.ts';

let directory: string;

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'slipway-project-')));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function load(text: string, name = 'MLproject') {
  await writeFile(join(directory, name), text);
  return await loadProject(directory);
}

/** The message of the UsageError that loading this text ends in. */
async function refusal(text: string): Promise<string> {
  const error = await load(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message.replaceAll(directory, 'DIR');
}

describe('loadProject', () => {
  it('reads every key, with values as they were typed and parameters in the order of the file', async () => {
    const project = await load(`
name: Malaria Cells
strict_parameters: true
project_name: cells
register_model: cells-net
primary_metric: val_auc
docker_env:
  image: node:24-slim
  dockerfile: MLproject
  gpus: 2
  volumes: ["/data:/data:ro"]
  environment: [HOME_TOWN, [GREETING, hello], [LEVEL, 5]]
entry_points:
  main:
    command: train --epochs {epochs}
    parameters:
      epochs: {type: int, default: 0003, min: 1, max: 1e2, description: Passes over the data}
      rate: {type: float, default: 1e-05}
      shuffle: {type: bool, default: True}
      mode: {default: a, choices: [a, 1, yes]}
      file: path
      anything:
      odd: {type: tensor}
  other:
    command: echo
`);
    expect(project).toMatchObject({
      directory,
      file: join(directory, 'MLproject'),
      name: 'Malaria Cells',
      strictParameters: true,
      projectName: 'cells',
      registerModel: 'cells-net',
      primaryMetric: 'val_auc',
      docker: {
        image: 'node:24-slim',
        dockerfile: 'MLproject',
        gpus: '2',
        volumes: ['/data:/data:ro'],
        environment: { HOME_TOWN: null, GREETING: 'hello', LEVEL: '5' },
      },
      warnings: ['The type tensor of parameter odd is unknown, so its values are not checked.'],
    });
    const absent = { description: null, min: null, max: null, choices: null, default: null };
    expect(project.entryPoints.main?.parameters).toEqual([
      {
        ...absent,
        name: 'epochs',
        type: 'int',
        default: '0003',
        min: 1,
        max: 100,
        description: 'Passes over the data',
      },
      { ...absent, name: 'rate', type: 'float', default: '1e-05' },
      { ...absent, name: 'shuffle', type: 'bool', default: 'True' },
      { ...absent, name: 'mode', type: 'string', default: 'a', choices: ['a', '1', 'yes'] },
      { ...absent, name: 'file', type: 'path' },
      { ...absent, name: 'anything', type: 'string' },
      { ...absent, name: 'odd', type: 'string' },
    ]);
    expect(project.entryPoints.other?.parameters).toEqual([]);
  });

  it('takes the file in any case, and the folder name where it has no name', async () => {
    const inner = join(directory, 'cells');
    await mkdir(inner);
    await writeFile(join(inner, 'mlproject'), '');
    const project = await loadProject(inner);
    expect(project).toMatchObject({
      file: join(inner, 'mlproject'),
      name: 'cells',
      entryPoints: {},
      docker: null,
      strictParameters: false,
      registerModel: null,
    });
  });

  it('knows a model that is not to be registered from one the file says nothing about', async () => {
    expect((await load('register_model: false')).registerModel).toBe(false);
    expect((await load('name: x')).registerModel).toBeNull();
  });

  it('refuses a model name that MLflow would refuse, and says where it stands', async () => {
    expect(await refusal('name: x\nregister_model: a/b:c')).toBe(
      'DIR/MLproject, line 2, column 17: register_model is "a/b:c", but must have neither "/" nor ":".',
    );
  });

  it('follows anchors and merge keys', async () => {
    const project = await load(`
entry_points:
  main: &main
    command: one
    parameters: {a: int}
  other: {<<: *main, command: two}
`);
    expect(project.entryPoints.other).toMatchObject({ command: 'two', parameters: [{ name: 'a', type: 'int' }] });
  });

  it('warns about each key that has no effect, where it stands and what was probably meant', async () => {
    const project = await load(`name: x
entrypoints: {}
docker_env: {image: a, build: .}
entry_points:
  main:
    command: a
    paramters: {b: int}
    parameters:
      c: {typ: int}
`);
    expect(project.warnings).toEqual([
      'The key entrypoints in the MLproject (line 2, column 14) has no effect; did you mean entry_points?',
      'The key build of docker_env in the MLproject (line 3, column 31) has no effect.',
      'The key paramters of entry_points.main in the MLproject (line 7, column 16) has no effect; did you mean parameters?',
      'The key typ of entry_points.main.parameters.c in the MLproject (line 9, column 16) has no effect; did you mean type?',
    ]);
  });

  it('warns that an environment for Python is not made', async () => {
    expect((await load('conda_env: conda.yaml')).warnings).toEqual([
      'conda_env in the MLproject has no effect: the command runs in a container image, see docker_env.',
    ]);
  });

  it('says where it looked when there is no MLproject', async () => {
    await expect(loadProject(directory)).rejects.toThrow(`There is no MLproject file in ${directory}.`);
    await expect(loadProject(join(directory, 'gone'))).rejects.toThrow(
      `The project folder ${directory}/gone does not exist.`,
    );
    await writeFile(join(directory, 'plain'), '');
    await expect(loadProject(join(directory, 'plain'))).rejects.toThrow(/^The project folder .*plain cannot be read/);
  });

  it.each([
    ['a: [1', 'DIR/MLproject is not valid YAML at line 1, column 6: '],
    ['name: x\nb: c: d\n', 'DIR/MLproject is not valid YAML at line 2, column 4: '],
    ['name: a\nname: b\n', 'DIR/MLproject is not valid YAML at line 2, column 1: Map keys must be unique.'],
    ['- a\n', 'DIR/MLproject, line 1, column 1: the file is wrong: expected map, not array.'],
    [
      'entry_points:\n  main:\n    parameters: {}\n',
      'DIR/MLproject, line 3, column 5: entry_points.main.command is wrong: expected string, but it is missing.',
    ],
    [
      'entry_points:\n  main: echo\n',
      'DIR/MLproject, line 2, column 9: entry_points.main is wrong: expected map, not string.',
    ],
    [
      'entry_points: {main: {command: a, parameters: {b: {min: few}}}}',
      'DIR/MLproject, line 1, column 57: entry_points.main.parameters.b.min is wrong: expected a number.',
    ],
    [
      'entry_points: {main: {command: a, parameters: {b: [int]}}}',
      'DIR/MLproject, line 1, column 51: entry_points.main.parameters.b is wrong: expected a type, or a map of type, default, description, min, max and choices.',
    ],
    [
      'entry_points: {main: {command: a, parameters: {b: {type: int, min: 2, max: 1}}}}',
      'DIR/MLproject, line 1, column 51: parameter b has a min of 2 above its max of 1.',
    ],
    [
      'entry_points: {main: {command: a, parameters: {b: {type: string, min: 2}}}}',
      'DIR/MLproject, line 1, column 51: parameter b is no int or float, so it can have neither min nor max.',
    ],
    [
      'docker_env: {image: a, environment: [[A]]}',
      'DIR/MLproject, line 1, column 38: docker_env.environment.0 is wrong: expected NAME to copy a variable, or [NAME, value] to define one.',
    ],
    [
      'docker_env: {image: a, gpus: some}',
      'DIR/MLproject, line 1, column 30: docker_env.gpus is wrong: expected all, ',
    ],
    [
      'docker_env: {volumes: []}',
      'DIR/MLproject, line 1, column 13: docker_env has no image, and DIR has no Dockerfile.',
    ],
    ['docker_env: {dockerfile: Gone}', 'DIR/MLproject, line 1, column 26: the Dockerfile DIR/Gone does not exist.'],
    [
      'docker_env: {image: a}\nconda_env: b\n',
      'DIR/MLproject names more than one environment (docker_env, conda_env), and a project has at most one.',
    ],
    [
      'strict_parameters: maybe',
      'DIR/MLproject, line 1, column 20: strict_parameters is wrong: expected true or false.',
    ],
    ['databricks_spark_job: {}', 'DIR/MLproject describes a databricks_spark_job, which runs on Databricks alone.'],
  ])('refuses %j in one sentence', async (text, message) => {
    expect(await refusal(text)).toContain(message);
    expect(await refusal(text)).not.toContain('\n');
  });
});
