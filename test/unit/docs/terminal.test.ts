import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../../src/errors.ts';
import { recordedRun } from '../history/recorded.ts';
import { finished } from '../report/fake-stream.ts';

const root = resolve(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'docs/terminal.md'), 'utf8');

/** The part of the document below a heading, up to the next one of its kind. */
const below = (heading: string): string => text.slice(text.indexOf(`\n${heading}\n`)).split(/\n#+ /)[1] ?? '';

describe('the document on the terminal', () => {
  it('names every event that there is', () => {
    const events = readFileSync(join(root, 'src/events.ts'), 'utf8');
    const types = [...events.matchAll(/readonly type: '([a-z-]+)'/g)].map(([, type]) => type!);
    expect(types.length).toBeGreaterThan(12);
    for (const type of types) expect(below('### run, attach: one event a line'), type).toContain(`\`${type}\``);
  });

  it('names every field of a result and of a run', () => {
    for (const key of Object.keys(finished)) {
      expect(below('### run, attach: one event a line'), key).toContain(`\`${key}\``);
    }
    const { source, ...run } = recordedRun();
    for (const key of [...Object.keys(run), ...Object.keys(source)]) {
      expect(below('### runs'), key).toContain(`\`${key}\``);
    }
  });

  it('names every exit code', () => {
    for (const code of Object.values(ExitCode))
      expect(below('## Errors')).toMatch(new RegExp(`^\\|.*\\b${code}\\b.* \\|`, 'm'));
  });
});
