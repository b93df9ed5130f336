import { writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { loadProject } from '../../../src/project/index.ts';
import {
  checkTrainerCommand,
  isOwnTrainerCommand,
  isTrainerCommand,
  isTrainerHere,
} from '../../../src/trainer-program/index.ts';
import { packageRoot } from '../../../src/util/package-root.ts';
import { temporaryDirectory } from '../../support/index.ts';

describe('a command of the trainer', () => {
  it('is known by its first word', () => {
    expect(isTrainerCommand('slipway-train --config {config}')).toBe(true);
    expect(isTrainerCommand('  slipway-train\n')).toBe(true);
    expect(isTrainerCommand('slipway-trainer --config {config}')).toBe(false);
    expect(isTrainerCommand('node slipway-train')).toBe(false);
  });

  it("is also that of Slipway's own MLproject, whose values are checked before anything starts", async () => {
    const { entryPoints } = await loadProject(packageRoot());
    const { main } = entryPoints;
    expect(isOwnTrainerCommand(main?.command ?? '', packageRoot())).toBe(true);
    expect(isOwnTrainerCommand(main?.command ?? '', '/')).toBe(false);
    expect(isOwnTrainerCommand('node bin/trainer', packageRoot())).toBe(false);
    expect(isTrainerHere(main?.command ?? '', packageRoot())).toBe(true);
    const command = "node bin/train --image-size 8 --convolutions 3 --run-name ''";
    expect(await checkTrainerCommand(command, {})).toMatchObject({ image_size: '8', convolutions: '3', run_name: '' });
    await expect(checkTrainerCommand('node bin/train --image-size 8 --convolutions 8', {})).rejects.toMatchObject({
      message: 'Parameter convolutions is 8, but an image of 8 pixels can be halved only 3 times.',
      hint: 'Lower convolutions or raise image_size.',
      exitCode: 64,
    });
  });

  it("names a project's own classes, whose files are looked for, and run only where that is wanted", async () => {
    await using folder = await temporaryDirectory();
    await writeFile(folder.join('mine.ts'), "throw new Error('run');");
    const ask = (name: string, runsCode: boolean) =>
      checkTrainerCommand(`slipway-train --data-loader-class ${name} --data_loader.count 3`, {
        directory: folder.path,
        runsCode,
      });
    expect(await ask('mine.Loader', false)).toMatchObject({ data_loader_class: 'mine.Loader', src_code_path: '' });
    await expect(ask('mine.Loader', true)).rejects.toThrow(`${folder.join('mine.ts')}, line 1: Error: run`);
    await expect(ask('mime.Loader', false)).rejects.toMatchObject({
      hint: expect.stringContaining('Did you mean mine?'),
    });
  });

  it("answers alone, whatever a project's own class prints, keeps open or would read of the login", async () => {
    await using folder = await temporaryDirectory();
    await writeFile(
      folder.join('mine.mjs'),
      `import { ListLoader } from 'slipway/trainer';
      console.log('printed');
      console.error('warned');
      setInterval(() => {}, 1000);
      if (process.env.MLFLOW_TRACKING_PASSWORD !== undefined) throw new Error('has the password');
      if (process.env.CELLS !== 'here') throw new Error('has not what the MLproject gives');
      export class Loader extends ListLoader {}
      `,
    );
    const ask = (name: string) =>
      checkTrainerCommand(`slipway-train --data-loader-class ${name}`, {
        directory: folder.path,
        variables: { CELLS: 'here' },
      });
    vi.stubEnv('MLFLOW_TRACKING_PASSWORD', 'secret');
    try {
      expect(await ask('mine.Loader')).toMatchObject({ data_loader_class: 'mine.Loader' });
      await expect(ask('mine.Lader')).rejects.toThrow("Parameter data_loader_class is 'mine.Lader'");
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('says that it got no answer where a class ends the program', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(folder.join('mine.mjs'), 'process.exit(0);');
    await expect(
      checkTrainerCommand('slipway-train --data-loader-class mine.Loader', { directory: folder.path }),
    ).rejects.toThrow('The trainer could not be asked: it ended by code 0 without an answer');
  });

  it.each([
    'slipway-train --epochs $(cat n)',
    'slipway-train --epochs 1 && rm x',
    'slipway-train\nrm x',
    'a "$X"',
    'a `x`',
  ])('is left to the trainer itself where only a shell can read it: %s', async (command) => {
    expect(await checkTrainerCommand(command, {})).toEqual({});
  });
});
