import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProject } from '../../../src/project/index.ts';

const root = resolve(import.meta.dirname, '../../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The cells of the rows below a table's head, wherever it stands in the text. */
function rowsBelow(head: string, text = readme): string[][] {
  const tables = text.split(`\n${head}`).slice(1);
  return tables.flatMap((table) => {
    const lines = table.split('\n');
    const end = lines.findIndex((line) => !line.startsWith('|') && line !== lines[0]);
    return lines.slice(2, end).map((line) => line.slice(2, -2).split(' | '));
  });
}

/** All text of the files below a folder. */
function sourceText(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

describe('the README', () => {
  it('lists the parameters as the MLproject declares them', async () => {
    const { entryPoints } = await loadProject(root);
    const declared = entryPoints.main!.parameters.map(({ name, default: fallback, min, max, description }) => [
      `\`${name}\``,
      fallback === '' ? '' : `${fallback}`,
      min === null ? '' : `${min} to ${max}`,
      description,
    ]);
    expect(rowsBelow('| parameter |')).toEqual(declared);
  });

  it('names make variables and options that there are', async () => {
    const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
    const { runOptions } = await import('../../../src/commands/run-options.ts');
    for (const [variable = '', option = ''] of rowsBelow('| make |')) {
      expect(makefile).toContain(`hand-over,${/^`([A-Z_]+)=/.exec(variable)?.[1]},`);
      expect(Object.keys(runOptions)).toContain(/^`--([a-z-]+)/.exec(option)?.[1]);
    }
  });
});

describe('messages', () => {
  const source = ['src', 'trainer', 'bin', 'deploy'].map(sourceText).join('\n');

  it.each([
    ['README.md', 8],
    ['docs/troubleshooting.md', 50],
  ])('are quoted by %s as the code says them', (document, atLeast) => {
    const rows = rowsBelow('| what it says |', readFileSync(join(root, document), 'utf8'));
    const quoted = rows.flatMap(([said = '']) => [...said.matchAll(/`([^`]+)`/g)]);
    expect(quoted.length).toBeGreaterThan(atLeast);
    for (const [, quote = ''] of quoted) {
      for (const part of quote.split('…').map((text) => text.trim())) expect(source).toContain(part);
    }
  });
});

describe('links between documents', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'storage/README.md'].concat(
    readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => `docs/${name}`),
  );

  /** As GitHub makes them of headings. */
  const anchorsOf = (file: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

  it.each(documents)('%s leads to files that exist', (document) => {
    const text = readFileSync(join(root, document), 'utf8');
    for (const [, target = '', anchor] of text.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const file = target === '' ? join(root, document) : join(root, dirname(document), target);
      expect(statSync(file, { throwIfNoEntry: false }), `${target} in ${document}`).toBeDefined();
      if (anchor !== undefined) expect(anchorsOf(file), `${target}#${anchor} in ${document}`).toContain(anchor);
    }
  });
});
