import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { type EntryPoint, renderCommand } from '../../../src/project/index.ts';

function point(command: string): EntryPoint {
  return { name: 'main', command, parameters: [], isScript: false };
}

/** What a POSIX shell makes of the command: its words when it is given to this `show`, one a line. */
function wordsInShell(command: string): string[] {
  const script = `show() { for word in "$@"; do printf '<%s>\\n' "$word"; done; }\n${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n');
}

const hostile = [
  ')iY{wq!h',
  "friend; echo 'hi'",
  '',
  '$(touch /tmp/never)',
  '`id`',
  '$HOME',
  'a b',
  '"',
  "it's",
  '\\',
  '*',
  '~',
  '-n',
  '{other}',
  'ümläut',
  '#no',
  'a&&b',
  '!!',
];

describe('renderCommand', () => {
  it('fills in values, leaves plain ones unquoted, and appends undeclared ones', () => {
    const values = { name: 'hi', greeting: 'friend', excitement: '10' };
    expect(renderCommand(point('python greeter.py {greeting} {name}'), values, ['excitement'])).toBe(
      'python greeter.py friend hi --excitement 10',
    );
  });

  it.each(hostile)('hands over %j as one word, wherever it stands', (value) => {
    const command = [
      'show {x}',
      'show "{x}"',
      "show '{x}'",
      'show pre-{x}-post "pre {x} post"',
      'show "$(printf %s {x})"',
      'show "$(printf %s "{x}")"',
      'show $(printf "%s" a) {x}',
      '(show {x})',
      'show {x}',
    ].join('\n');
    expect(wordsInShell(renderCommand(point(command), { x: value }, ['x']))).toEqual(
      [
        value,
        value,
        value,
        `pre-${value}-post`,
        `pre ${value} post`,
        value,
        value,
        'a',
        value,
        value,
        value,
        '--x',
        value,
      ].map((word) => `<${word}>`),
    );
  });

  it('quotes the name of an undeclared parameter too', () => {
    expect(wordsInShell(renderCommand(point('show'), { 'a;b': '1' }, ['a;b']))).toEqual(['<--a;b>', '<1>']);
  });

  it('keeps double braces as braces, for shell and awk', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
    expect(renderCommand(point("awk '{{print $1}}' ${{HOME}} {x}"), { x: '1' }, [])).toBe("awk '{print $1}' ${HOME} 1");
  });

  it('keeps what the shell does with the rest of the command', () => {
    const command = renderCommand(point('printf "%s\\n" {x} | tr a-z A-Z && echo "done"'), { x: 'abc' }, []);
    expect(wordsInShell(command)).toEqual(['ABC', 'done']);
  });

  it.each([
    [
      'train {epoch}',
      'The command of entry point main uses {epoch}, which is no parameter of it; did you mean epochs?',
    ],
    ['train {}', 'The command of entry point main uses {}, which is no parameter of it.'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell
    ['train ${HOME}', 'The command of entry point main uses {HOME}, which is no parameter of it.'],
    ['train {toString}', 'The command of entry point main uses {toString}, which is no parameter of it.'],
    ['train {', 'The command of entry point main has a single "{".'],
    ['train }', 'The command of entry point main has a single "}".'],
    ['train `echo {epochs}`', 'The command of entry point main has {epochs} between backticks.'],
  ])('refuses %j', (command, message) => {
    const declared = { ...point(command), parameters: [{ name: 'epochs' } as EntryPoint['parameters'][number]] };
    const render = () => renderCommand(declared, { epochs: '1' }, []);
    expect(render).toThrow(UsageError);
    expect(render).toThrow(message);
  });
});
