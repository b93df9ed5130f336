import { expect, test } from 'vitest';
import { knownSecrets, maskSecrets, maskSecretsIn, stackText } from '../../../src/util/index.ts';

test('the secrets of the environment are known, in all the forms in which they travel, but for short words', () => {
  const secrets = knownSecrets({
    MLFLOW_TRACKING_USERNAME: 'ada',
    MLFLOW_TRACKING_PASSWORD: 'correct-horse',
    MLFLOW_TRACKING_TOKEN: 'short',
    MLFLOW_TRACKING_URI: 'http://ada:battery%20staple@mlflow.example',
    HTTPS_PROXY: 'http://proxy:%zz-broken-escape@proxy.example',
    HTTP_PROXY: 'no address',
    DOCKER_HOST: 'unix:///var/run/docker.sock',
  });
  const basic = Buffer.from('ada:correct-horse').toString('base64');
  expect(secrets.toSorted()).toEqual(['%zz-broken-escape', 'battery staple', basic, 'correct-horse'].toSorted());
  const text = `a correct-horse, http://ada:battery%20staple@x, Basic ${basic}, short`;
  expect(maskSecrets(text, secrets)).toBe('a ***, http://ada:***@x, Basic ***, short');
});

test.each([
  ['ada:correct-horse@mlflow.example:5000', 'correct-horse'],
  ['http://ada:correct/horse@mlflow.example:5000', 'correct/horse'],
  ['postgresql://ada:correct%2Fhorse#1@db/mlflow', 'correct/horse#1'],
])('the password of %s is known, though the address is malformed', (address, password) => {
  expect(knownSecrets({ MLFLOW_TRACKING_URI: address })).toEqual([password]);
});

test('every text of a value is masked, and nothing else of it', () => {
  const value = { 'a secret': ['a secret word', 3, null, { deep: 'secret' }], flag: true, not: Number.NaN };
  expect(maskSecretsIn(value, ['secret'])).toEqual({
    'a secret': ['a *** word', 3, null, { deep: '***' }],
    flag: true,
    not: Number.NaN,
  });
  expect(maskSecretsIn(value, [])).toBe(value);
});

test('a stack comes with those of its causes, and an end to them', () => {
  const cause = new Error('the deepest');
  const error = new Error('above it', { cause });
  expect(stackText(error)).toMatch(/^Error: above it\n {4}at [\s\S]*\nCaused by: Error: the deepest\n {4}at /);
  cause.cause = error;
  expect(stackText(error).match(/Caused by/g)).toHaveLength(4);
  expect(stackText('thrown as it is')).toBe('thrown as it is');
});
