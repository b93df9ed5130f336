import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as publicModule from '../../../trainer/public.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { runTrainer } from '../../support/trainer.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(resolve(root, 'docs/components.md'), 'utf8');

describe("the page of classes of one's own", () => {
  it('names everything that slipway/trainer exports, and nothing else', () => {
    const rows = [...page.matchAll(/^\| ((?:`\w+`,? ?)+)\|/gm)].map(([, names = '']) => names);
    const first = rows.findIndex((names) => names.includes('`ListLoader`'));
    const named = rows.slice(first, first + 9).flatMap((names) => [...names.matchAll(/\w+/g)].map(([name]) => name));
    // What a test makes a component with is told where tests are.
    const exported = Object.keys(publicModule).filter((name) => name !== 'plainSetup');
    expect(named.toSorted()).toEqual(exported.toSorted());
  });

  it('shows a loader that the trainer takes as it stands', async () => {
    const code = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    await using folder = await temporaryDirectory();
    writeFileSync(folder.join('leaves.ts'), code.find((text) => text.includes('class Leaves')) ?? '');
    const words = ['--data-loader-class', 'leaves.Leaves', '--data_loader.validation_share', '0.2', '--check'];
    const { exitCode, stdout, stderr } = await runTrainer(words, {}, folder.path);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ 'data_loader.validation_share': 0.2, 'data_loader.color': 'auto' });
  });
});
