import { describe, expect, it, test } from 'vitest';
import { isSecretName, maskSecrets, secretsOfFile, secretsOfVariable } from '../../../src/util/index.ts';

describe('a variable that is handed to a program', () => {
  test.each([
    'HF_TOKEN',
    'WANDB_API_KEY',
    'AWS_ACCESS_KEY_ID',
    'DB_PASSWORD',
    'apikey',
    'CREDENTIALS',
    'key',
    'TOKEN_2',
  ])('%s is a secret by its name', (name) => expect(isSecretName(name)).toBe(true));
  test.each([
    'MODE',
    'DEVICE',
    'TOKENIZERS_PARALLELISM',
    'KEYBOARD',
    'MONKEY',
    'PWD',
    'COMPASS',
    'PATH',
    'SSH_AUTH_SOCK',
  ])('%s is none', (name) => expect(isSecretName(name)).toBe(false));

  it('is masked for its name or for its value, but for short values and paths', () => {
    expect(secretsOfVariable('HF_TOKEN', 'a-long-token')).toEqual(['a-long-token']);
    expect(secretsOfVariable('HF_TOKEN', 'short')).toEqual([]);
    expect(secretsOfVariable('GOOGLE_APPLICATION_CREDENTIALS', '/storage/key.json')).toEqual([]);
    expect(secretsOfVariable('MODE', 'production')).toEqual([]);
    expect(secretsOfVariable('DEVICE', 'cuda:0')).toEqual([]);
    expect(secretsOfVariable('COMMIT', '0123456789abcdef0123456789abcdef01234567')).toEqual([]);
    expect(secretsOfVariable('REMOTE', 'ghp_0123456789abcdefghij01')).toEqual(['ghp_0123456789abcdefghij01']);
    expect(secretsOfVariable('DRAWN', 'k7Qm2ZrT9xWv4LbN8pYc3HdJ')).toEqual(['k7Qm2ZrT9xWv4LbN8pYc3HdJ']);
  });

  it('is masked as far as it is the password of an address, as it stands there and decoded', () => {
    expect(secretsOfVariable('DATABASE', 'postgresql://ada:battery%20staple@db/cells')).toEqual([
      'battery%20staple',
      'battery staple',
    ]);
    expect(secretsOfVariable('DATABASE', 'postgresql://db/cells')).toEqual([]);
  });
});

describe('a secret file', () => {
  it('is masked in each of its lines, a single one even where it is short', () => {
    expect(secretsOfFile('hunter2\n')).toEqual(['hunter2']);
    expect(secretsOfFile('first line\r\n{\r\nsecond line\r\n').slice(1)).toEqual(['first line', 'second line']);
    expect(secretsOfFile('abc\n')).toEqual([]);
  });

  it.each([
    ['variables', 'MODE=production\nexport HF_TOKEN="tokentoken"\n'],
    ['YAML', 'mode: production\nhf_token: tokentoken\n'],
    ['JSON', '{"mode": "production", "deep": [{"hf_token": "tokentoken"}]}'],
    ['JSON in lines', '{\n  "mode": "production",\n  "hf_token": "tokentoken"\n}\n'],
    ['.netrc', 'machine host\n  login ada\n  password tokentoken\n'],
  ])('of %s is masked in the values of its secrets', (_, content) => {
    const secrets = secretsOfFile(content);
    expect(maskSecrets('it is tokentoken in production', secrets)).toBe('it is *** in production');
  });

  it('is masked with the line ends that JSON escapes in it', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END PRIVATE KEY-----\n';
    const secrets = secretsOfFile(JSON.stringify({ type: 'service_account', private_key: key }, null, 2));
    expect(maskSecrets('x MIIEvQIBADANBgkqhkiG y service_account', secrets)).toBe('x *** y service_account');
  });
});

describe('what is masked of a secret', () => {
  const secret = 'p<ss w/rd & "more"';

  it.each([
    ['as it is', secret],
    ['in an address', encodeURIComponent(secret)],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in markup', 'p&lt;ss w/rd &amp; &quot;more&quot;'],
  ])('is what it is %s', (_, text) => expect(maskSecrets(`before ${text} after`, [secret])).toBe('before *** after'));

  it.each(['', 'a', 'ab', 'abc:', 'ada:'])('is its base64 behind "%s"', (before) => {
    const text = Buffer.from(`${before}${secret}`).toString('base64');
    expect(maskSecrets(text, [secret])).toMatch(/^.{0,6}\*\*\*.{0,4}$/);
  });

  it('is all of two secrets that overlap', () => {
    expect(maskSecrets('xabcdefghijklx abcdefgh', ['abcdefgh', 'efghijkl'])).toBe('x***x ***');
  });

  it('grows with the list of secrets', () => {
    const secrets = ['the first one'];
    expect(maskSecrets('the first one, the second one', secrets)).toBe('***, the second one');
    secrets.push('the second one');
    expect(maskSecrets('the first one, the second one', secrets)).toBe('***, ***');
  });
});
