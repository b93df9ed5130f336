import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { againWords, runRequest } from '../../../src/commands/run-request.ts';
import { secretFiles } from '../../../src/commands/secret-files.ts';

const given = {
  project: '.',
  'entry-point': 'main',
  engine: 'auto',
  'pids-limit': 4096,
  'drain-timeout': 60,
  'stop-grace': 30,
};

test('files of secrets are absolute, by their names', () => {
  expect(secretFiles(['a=x/key', 'b=/etc/key=1'])).toEqual({ a: resolve('x/key'), b: '/etc/key=1' });
});

test.each([
  ['key', 'is not written as NAME=FILE'],
  ['=file', 'is not written as NAME=FILE'],
  ['a=', 'is not written as NAME=FILE'],
  ['../a=file', 'has the name ../a, but a name is made of letters'],
  ['a/b=file', 'has the name a/b'],
])('%s is refused', (word, message) => expect(() => secretFiles([word])).toThrow(message));

test('a name twice is refused, and what may be a secret itself is not repeated', () => {
  expect(() => secretFiles(['a=x', 'a=y'])).toThrow('names the secret a twice');
  expect(() => secretFiles(['hunter2'])).not.toThrow('hunter2');
});

test('their variables are split at white space', () => {
  const request = runRequest(given, [], { SLIPWAY_SECRET: "a=/x 'b=/y z'", SLIPWAY_ENV_FILE: '/a.env /b.env' });
  expect(request).toMatchObject({ secretFiles: { a: '/x', b: '/y z' }, envFiles: ['/a.env', '/b.env'] });
  expect(() => runRequest(given, [], { SLIPWAY_SECRET: "'open" })).toThrow(
    'SLIPWAY_SECRET (SECRET= of make) cannot be read',
  );
});

test('the command that has the run again names the files, and no dry run', () => {
  const typed = { ...given, parameter: [], env: [], secret: ['a=/x'], 'env-file': ['/a.env'], 'dry-run': true };
  expect(againWords(typed, [], {}).join(' ')).toBe('run . --env-file /a.env --secret a=/x');
});
