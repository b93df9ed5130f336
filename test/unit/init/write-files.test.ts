import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFiles } from '../../../src/init/write-files.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const files = [
  { name: 'MLproject', content: 'name: demo\n', purpose: '' },
  { name: '.gitignore', content: 'storage/\n', purpose: '' },
];

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

describe('the files of a new project', () => {
  it('come into a folder that is made for them, open to whom other folders are', async () => {
    await writeFiles(folder.join('demo'), files);
    expect(readdirSync(folder.path)).toEqual(['demo']);
    expect(readdirSync(folder.join('demo')).sort()).toEqual(['.gitignore', 'MLproject']);
    expect(readFileSync(folder.join('demo/MLproject'), 'utf8')).toBe('name: demo\n');
    mkdirSync(folder.join('other'));
    expect(statSync(folder.join('demo')).mode).toBe(statSync(folder.join('other')).mode);
  });

  it('come into folders of their own within it', async () => {
    mkdirSync(folder.join('there'));
    for (const name of ['new', 'there']) {
      await writeFiles(folder.join(name), [...files, { name: 'src/deep/a.ts', content: 'a', purpose: '' }]);
      expect(readFileSync(folder.join(name, 'src/deep/a.ts'), 'utf8')).toBe('a');
    }
  });

  it('come into an empty folder, which stays the one it was, and into an empty repository', async () => {
    mkdirSync(folder.join('demo/.git'), { recursive: true });
    const { ino } = statSync(folder.join('demo'));
    await writeFiles(folder.join('demo'), files);
    expect(readdirSync(folder.join('demo')).sort()).toEqual(['.git', '.gitignore', 'MLproject']);
    expect(statSync(folder.join('demo')).ino).toBe(ino);
  });

  it('never lie over or beside what is there: it is named, and nothing changes', async () => {
    mkdirSync(folder.join('demo'));
    for (const name of ['MLproject', 'a', 'b', 'c']) writeFileSync(folder.join('demo', name), 'mine');
    await expect(writeFiles(folder.join('demo'), files)).rejects.toMatchObject({
      exitCode: 64,
      message: `The folder ${folder.join('demo')} is not empty, and nothing in it is overwritten: it holds MLproject, a, b and 1 more.`,
    });
    expect(readdirSync(folder.join('demo'))).toEqual(['MLproject', 'a', 'b', 'c']);
    expect(readFileSync(folder.join('demo/MLproject'), 'utf8')).toBe('mine');
  });

  it('need a folder: a file of that name and a missing folder above are told', async () => {
    writeFileSync(folder.join('demo'), 'mine');
    await expect(writeFiles(folder.join('demo'), files)).rejects.toThrow('is there already, and is no folder.');
    await expect(writeFiles(folder.join('no/demo'), files)).rejects.toThrow(
      `There is no folder ${folder.join('no')} to make demo in.`,
    );
    expect(readdirSync(folder.path)).toEqual(['demo']);
  });

  it.each(['a folder that is there', 'a new one'])('are all there or none, in %s', async (kind) => {
    if (kind !== 'a new one') mkdirSync(folder.join('demo'));
    const broken = [
      ...files,
      { name: 'src/a.ts', content: '', purpose: '' },
      { name: 'MLproject/b', content: '', purpose: '' },
    ];
    await expect(writeFiles(folder.join('demo'), broken)).rejects.toMatchObject({ exitCode: 73 });
    expect(readdirSync(folder.path)).toEqual(kind === 'a new one' ? [] : ['demo']);
    if (kind !== 'a new one') expect(readdirSync(folder.join('demo'))).toEqual([]);
  });

  it('cannot be made where nobody can write', async () => {
    await expect(writeFiles('/proc/demo', files)).rejects.toMatchObject({
      exitCode: 73,
      message: expect.stringMatching(/^A project cannot be made in \/proc\/demo: /),
    });
  });
});
