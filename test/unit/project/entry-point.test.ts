import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  findEntryPoint,
  imageRepository,
  loadProject,
  type Project,
  renderCommand,
} from '../../../src/project/index.ts';

let directory: string;
let project: Project;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-entry-point-'));
  writeFileSync(join(directory, 'MLproject'), 'entry_points: {main: {command: a}, evaluate.py: {command: b}}');
  project = await loadProject(directory);
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('findEntryPoint', () => {
  it('finds a declared one, whatever its name looks like', () => {
    expect(findEntryPoint(project, 'main').command).toBe('a');
    expect(findEntryPoint(project, 'evaluate.py')).toMatchObject({ command: 'b', isScript: false });
  });

  it.each([
    ['train.py', 'python train.py --x 1'],
    ['scripts/go now.sh', `"$(command -v bash || command -v sh)" 'scripts/go now.sh' --x 1`],
    ['./train.js', 'node train.js --x 1'],
    ['train.mjs', 'node train.mjs --x 1'],
    ['{odd}.ts', `node '{odd}.ts' --x 1`],
  ])('runs the script %s', (name, command) => {
    mkdirSync(join(directory, 'scripts'));
    writeFileSync(join(directory, name), '');
    const entryPoint = findEntryPoint(project, name);
    expect(entryPoint).toMatchObject({ isScript: true, parameters: [] });
    expect(renderCommand(entryPoint, { x: '1' }, ['x'])).toBe(command);
  });

  it.each([
    ['mian', 'has no entry point mian; did you mean main?'],
    ['something', 'has no entry point something; it has main, evaluate.py'],
    ['train.scala', 'has no entry point train.scala; it has main, evaluate.py'],
    ['gone.py', 'gone.py exists.'],
    ['../train.py', 'The entry point ../train.py lies outside the project'],
    ['toString', 'has no entry point toString'],
  ])('refuses %s', (name, message) => {
    expect(() => findEntryPoint(project, name)).toThrow(message);
  });

  it('says so where a project declares none', async () => {
    writeFileSync(join(directory, 'MLproject'), '');
    const empty = await loadProject(directory);
    expect(() => findEntryPoint(empty, 'main')).toThrow('has no entry point main; it has none');
  });
});

describe('imageRepository', () => {
  it.each([
    ['malaria', 'malaria'],
    ['Malaria Cells', 'malaria-cells'],
    ['  Übung_Nr.1! ', 'ubung_nr.1'],
    ['a--b..c___d', 'a-b.c__d'],
    ['a._-b', 'a-b'],
    ['team/Cells/', 'team/cells'],
    ['localhost:5000', 'localhost-5000'],
    ['日本', 'project'],
    ['-', 'project'],
    ['x'.repeat(300), 'x'.repeat(200)],
  ])('makes %j the repository %j', (name, repository) => {
    expect(imageRepository(name)).toBe(repository);
  });

  it('makes a repository Docker takes out of any text', () => {
    // The grammar of https://github.com/distribution/reference/blob/main/regexp.go
    const grammar = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
    const characters = ['a', 'B', '0', '.', '_', '-', '/', ' ', 'é', ':', '@'];
    for (let seed = 0; seed < 5000; seed += 1) {
      const name = Array.from(
        { length: 7 },
        (_, index) => characters[(seed * (index * 7 + 13) + (seed >> index)) % 11],
      ).join('');
      expect(imageRepository(name)).toMatch(grammar);
    }
  });
});
