import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ConfigurationContext,
  type ConfigurationWish,
  chooseConfiguration,
  foundConfiguration,
} from '../../../src/launch/choose-configuration.ts';
import { loadProject, type Project } from '../../../src/project/index.ts';
import { packageRoot } from '../../../src/util/package-root.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const mlproject = `entry_points:
  main:
    parameters: {config: {default: config.yaml}}
    command: slipway-train --config {config}
  other: {command: python train.py, parameters: {config: string}}
  plain: {command: python train.py}
`;

let folder: TemporaryDirectory;
let project: Project;

beforeAll(async () => {
  folder = await temporaryDirectory();
  const write = (path: string, text = ''): void => {
    mkdirSync(dirname(folder.join('project', path)), { recursive: true });
    writeFileSync(folder.join('project', path), text);
  };
  write('MLproject', mlproject);
  write('.gitignore', 'secret.yaml\n');
  for (const path of ['runs/first/config.yaml', 'runs/a/b/config.yaml', 'secret.yaml', 'storage/config.yaml'])
    write(path);
  write('x/config.yaml');
  writeFileSync(folder.join('outside.yaml'), '');
  symlinkSync(folder.join('outside.yaml'), folder.join('project', 'link.yaml'));
  execFileSync('git', ['init', '--quiet'], { cwd: folder.join('project') });
  project = await loadProject(folder.join('project'));
});

afterAll(async () => {
  await folder?.remove();
});

function choose(wish: Partial<ConfigurationWish>, changes: Partial<ConfigurationContext> = {}) {
  const context = {
    project,
    entryPoint: project.entryPoints.main!,
    isTrainer: true,
    storageDirectory: folder.join('project', 'storage'),
    engineHasContainers: true,
    ...changes,
  };
  return chooseConfiguration({ configFile: null, runName: null, given: {}, ...wish }, context);
}

describe('the configuration file of a run', () => {
  it.each([
    [{ runName: 'first' }, 'runs/first/config.yaml'],
    [{ given: { run_name: 'first' } }, 'runs/first/config.yaml'],
    [{ given: { 'run-name': 'first' } }, 'runs/first/config.yaml'],
    [{ runName: 'a/b' }, 'runs/a/b/config.yaml'],
  ])('is that of its name: %j', async (wish, file) => {
    expect(await choose(wish)).toEqual({ file, isOfRunName: true });
  });

  it.each([
    [{}],
    [{ runName: 'second' }],
    [{ runName: '../x' }],
    [{ runName: 'first', given: { run_name: 'second' } }, true],
    [{ runName: 'first', given: { config: 'other.yaml' } }],
  ])('is none for %j', async (wish, isFirst = false) => {
    // The option's name is the run's.
    expect(await choose(wish)).toEqual(isFirst ? { file: 'runs/first/config.yaml', isOfRunName: true } : null);
  });

  it('is the one that was named, from the project on or from the working directory', async () => {
    const named = { file: 'x/config.yaml', isOfRunName: false };
    expect(await choose({ configFile: 'x/config.yaml', runName: 'first' })).toEqual(named);
    expect(await choose({ configFile: folder.join('project', 'x', 'config.yaml') })).toEqual(named);
  });

  it('is not looked for where the program is not the trainer, which a name alone is no error for', async () => {
    expect(await choose({ runName: 'first' }, { isTrainer: false })).toBeNull();
  });

  it('is told where nobody named it', () => {
    const file = 'runs/first/config.yaml';
    expect(foundConfiguration(file, project.entryPoints.main!)).toBe(
      `configuration ${file}, that of the run's name, in place of config.yaml`,
    );
    expect(foundConfiguration(file, project.entryPoints.plain!)).toBe(`configuration ${file}, that of the run's name`);
  });
});

describe('a file that a run cannot have', () => {
  it.each([
    ['none.yaml', /^The configuration file none\.yaml does not exist in the project /],
    ['runs', /^The configuration runs is no file\.$/],
    ['../outside.yaml', /^The configuration file \.\.\/outside\.yaml lies outside the project /],
    ['link.yaml', /^The configuration file link\.yaml lies outside the project /],
    ['secret.yaml', /^The configuration file secret\.yaml is no part of the project's code: /],
    ['storage/config.yaml', /^The configuration file storage\/config\.yaml is no part of the project's code: /],
  ])('is refused: %s', async (configFile, message) => {
    await expect(choose({ configFile })).rejects.toThrow(message);
  });

  it('is one that is given twice, or to a program of another project', async () => {
    const twice = { configFile: 'x/config.yaml', given: { config: 'runs/first/config.yaml' } };
    await expect(choose(twice)).rejects.toThrow(/^The configuration is given twice: /);
    const refused = async (name: string) =>
      choose({ configFile: 'x/config.yaml' }, { isTrainer: false, entryPoint: project.entryPoints[name]! }).catch(
        (error: { readonly message: string; readonly hint?: string }) => [error.message, error.hint],
      );
    const because = (name: string) =>
      `--config is for the trainer that comes with Slipway, but entry point ${name} of ${join(folder.path, 'project', 'MLproject')} runs a program of its own.`;
    expect(await refused('other')).toEqual([
      because('other'),
      'Its own parameter config is given as `-P config=FILE`.',
    ]);
    expect(await refused('plain')).toEqual([because('plain'), 'Give it parameters with -P.']);
  });

  it("is one outside runs for a container of Slipway's own clone, whose image holds no other", async () => {
    const own = await loadProject(packageRoot());
    const context = { project: own, entryPoint: own.entryPoints.main!, storageDirectory: folder.path };
    const configFile = 'biome.json';
    await expect(choose({ configFile }, context)).rejects.toThrow(/biome\.json lies outside runs/);
    const onHost = await choose({ configFile }, { ...context, engineHasContainers: false });
    expect(onHost).toEqual({ file: configFile, isOfRunName: false });
  });
});
