import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkNoCode, checkParameters, type HandWish, readHandedOn } from '../../../src/launch/handed-on.ts';
import { maskInputs } from '../../../src/launch/mask-inputs.ts';
import { maskSecrets } from '../../../src/util/index.ts';
import { gitProject, temporaryDirectory } from '../../support/index.ts';

const nothing: HandWish = { project: {}, passed: [], envFiles: [], secretFiles: {} };

const folderWith = async (files: Readonly<Record<string, string>>) => {
  const folder = await temporaryDirectory();
  onTestFinished(() => folder.remove());
  for (const [name, content] of Object.entries(files)) writeFileSync(folder.join(name), content, { mode: 0o600 });
  return folder;
};

describe('what a program is handed', () => {
  it('comes from the MLproject, files and --env, the later of these winning', async () => {
    const folder = await folderWith({ 'a.env': 'FILE=a\nBOTH=a\nLAST=a\n', 'b.env': 'BOTH=b\nFIXED=b\n' });
    const found = readHandedOn(
      {
        ...nothing,
        project: { FIXED: 'project', COPIED: null, OWN: 'project' },
        passed: ['LAST'],
        envFiles: [folder.join('a.env'), folder.join('b.env')],
      },
      { LAST: 'shell', COPIED: 'shell' },
      null,
    );
    const variables = { FIXED: 'b', COPIED: 'shell', OWN: 'project', FILE: 'a', BOTH: 'b', LAST: 'shell' };
    expect(found.variables).toEqual(variables);
    expect(found.ofFiles).toEqual({ FILE: 'a', BOTH: 'b', LAST: 'a', FIXED: 'b' });
    expect(found.envFiles).toEqual({
      [folder.join('a.env')]: ['FILE', 'BOTH', 'LAST'],
      [folder.join('b.env')]: ['BOTH', 'FIXED'],
    });
  });

  it('is masked as far as it is secret, by whichever way it comes', async () => {
    const folder = await folderWith({ 'a.env': 'A_TOKEN=token-of-file\nMODE=production\n', key: 'key-of-secret\n' });
    const { secrets } = readHandedOn(
      {
        project: { COPIED_TOKEN: null },
        passed: ['B_TOKEN'],
        envFiles: [folder.join('a.env')],
        secretFiles: { key: folder.join('key') },
      },
      { COPIED_TOKEN: 'token-of-project', B_TOKEN: 'token-of-shell', MLFLOW_TRACKING_PASSWORD: 'password-of-server' },
      null,
    );
    const all = 'token-of-file token-of-project token-of-shell key-of-secret password-of-server production';
    expect(maskSecrets(all, secrets)).toBe('*** *** *** *** *** production');
  });

  it.each([
    [{ ...nothing, passed: ['NONE'] }, '--env asks for the environment variable NONE, which is not set here.'],
    [{ ...nothing, project: { NONE: null } }, 'The MLproject asks for the environment variable NONE,'],
  ])('must be there: %j', (wish, message) => expect(() => readHandedOn(wish, {}, null)).toThrow(message));

  it('may be in a file what the MLproject or --env names', async () => {
    const folder = await folderWith({ 'a.env': 'NAMED=value\n' });
    const wish = { ...nothing, project: { NAMED: null }, passed: ['NAMED'], envFiles: [folder.join('a.env')] };
    expect(readHandedOn(wish, {}, null).variables).toEqual({ NAMED: 'value' });
  });
});

describe('a file of secrets in the project', () => {
  it('is refused where git would take it, and taken where it is ignored or looks like credentials', async () => {
    await using project = await gitProject('echo');
    const at = (name: string) => join(project.path, name);
    for (const name of ['token.txt', 'ignored.txt', '.env']) writeFileSync(at(name), 'TOKEN=x\n');
    writeFileSync(at('.gitignore'), '/ignored.txt\n');
    const check = (name: string) =>
      checkNoCode({ envFiles: { [at(name)]: [] }, secretFiles: {} }, project.path, at('storage'));
    await expect(check('token.txt')).rejects.toThrow(
      /token\.txt is part of the project's code: its image would hold it/,
    );
    await check('ignored.txt');
    await check('.env');
  });
});

describe('a secret in a parameter or in the code', () => {
  it('is refused in a parameter, which is recorded', () => {
    checkParameters({ epochs: '3' }, ['tokentoken']);
    expect(() => checkParameters({ epochs: '3', url: 'http://x/?t=tokentoken' }, ['tokentoken'])).toThrow(
      'The parameter url holds a secret that the program is handed, and parameters are recorded.',
    );
  });

  it('is masked in what is kept of the code, and told; bytes of other encodings stay', async () => {
    const patch = Buffer.concat([Buffer.from('+key: pässwörd-of-ours\n+'), Buffer.from([0xff, 0xfe, 0x0a])]);
    const folder = await folderWith({ 'config.yaml': 'epochs: 3\n' });
    writeFileSync(folder.join('changes.patch'), patch);
    const told: string[] = [];
    await maskInputs(folder.path, ['pässwörd-of-ours'], (event) => void told.push('text' in event ? event.text : ''));
    const masked = Buffer.concat([Buffer.from('+key: ***\n+'), Buffer.from([0xff, 0xfe, 0x0a])]);
    expect(readFileSync(folder.join('changes.patch')).equals(masked)).toBe(true);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('masked in the kept changes.patch');
  });
});
