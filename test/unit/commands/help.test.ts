import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCommandLine, verbNames } from '../../../src/commands/index.ts';

const never = new AbortController().signal;
const written: string[] = [];

beforeEach(() => {
  written.length = 0;
  const keep = (text: unknown): boolean => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(console, 'log').mockImplementation((text) => void keep(`${text}\n`));
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function help(...words: string[]): Promise<string> {
  await createCommandLine({ politeStop: never, forcedStop: never }).run(words);
  return written.splice(0).join('');
}

/** Actions that have a help text of their own. */
const withActions = verbNames.flatMap((verb) => (verb === 'runs' ? [[verb], [verb, 'show']] : [[verb]]));

describe.each(withActions.map((words) => [words.join(' '), words] as const))(
  'the help of slipway %s',
  (name, words) => {
    it('fits 80 columns, and has examples and the exit codes', async () => {
      const text = await help(...words, '--help');
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(text).toMatch(/^Examples:\n {2}# .+\n {2}\S/m);
      expect(text).toContain(`slipway ${name}`);
      expect(text).toMatch(/^Exit codes: /m);
    });

    it('shows what all verbs have, in the same place', async () => {
      const text = await help(...words, '--help');
      const common = text.slice(text.indexOf('\nOutput and help:\n'), text.indexOf('\nExamples:'));
      for (const option of ['--color', '--quiet', '--verbose', '--debug', '--help']) expect(common).toContain(option);
    });

    it('says of every option what it does, once, and breaks no line of its own', async () => {
      const text = await help(...words, '--help');
      const options = [...text.matchAll(/^ {2,6}(?:-\w, )?(--[\w-]+)(.*)$/gm)];
      expect(options.length).toBeGreaterThan(4);
      for (const [line, option, rest] of options) {
        expect(options.filter(([, other]) => other === option).length, line).toBe(1);
        expect(rest?.trim(), line).not.toBe('');
      }
      expect(text).not.toContain('default: []');
      // What follows the examples is wrapped by hand: a line that yargs had to wrap leaves a short one behind it.
      const after = text.slice(text.lastIndexOf('Exit codes: '));
      for (const line of after.trimEnd().split('\n').slice(0, -1)) expect(line.length, line).toBeGreaterThan(60);
    });
  },
);

describe('the help of slipway', () => {
  it('shows every verb in a group, and three first commands', async () => {
    const text = await help('--help');
    for (const verb of verbNames) expect(text).toMatch(new RegExp(`^ {2}${verb}\\b.* {2}\\S`, 'm'));
    expect(text).toMatch(/^ {2}runs show <run> {2}/m);
    expect(text).toMatch(/^Launch and watch:$/m);
    expect(text.slice(text.indexOf('First commands:')).match(/^ {2}slipway /gm)?.length).toBe(3);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('is the same by every name, and leads to the help of a verb', async () => {
    const text = await help('--help');
    expect(await help('-h')).toBe(text);
    expect(await help('help')).toBe(text);
    expect(await help('help', 'sync')).toBe(await help('sync', '--help'));
    expect(await help('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('speaks English whatever the locale, as all of Slipway does', async () => {
    vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
    expect(await help('run', '--help')).toContain('Show help');
    vi.unstubAllEnvs();
  });
});
