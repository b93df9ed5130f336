import { expect, test } from 'vitest';
import { asciiOnly, isUnicodeLocale } from '../../../src/report/ascii.ts';
import { finished, probe } from './fake-stream.ts';

test('our own signs have a stand-in of the same width, and what others write stays', () => {
  expect(asciiOnly('✓ • → … ━━╸┄ ⠋⠹ image größe ∞')).toBe('+ * > ~ ==-. |- image größe inf');
});

test.each([
  [{}, true],
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{ LANG: 'en_US' }, false],
  [{ LANG: 'de_DE.UTF-8', LC_ALL: 'POSIX' }, false],
  [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, true],
])('the locale %j has more than ASCII: %s', (environment, isUnicode) => {
  expect(isUnicodeLocale(environment)).toBe(isUnicode);
});

test('a report in such a locale is in ASCII, and its JSON is not touched', () => {
  const text = { type: 'notice', text: 'über → alles' } as const;
  for (const mode of ['terminal', 'plain'] as const) {
    const reporter = probe({ mode, environment: { LANG: 'C' } });
    reporter.send(
      { type: 'step-finished', id: 'a', title: 'image', durationMs: 1 },
      { type: 'result', result: finished },
    );
    reporter.close();
    expect(reporter.stderr.text).toContain('+ image  1 ms');
    expect(reporter.stdout.text).toContain('  history val_loss 0.6000 > best 0.2500 (step 3)');
    expect(reporter.stderr.text + reporter.stdout.text).not.toMatch(/[^\x00-\x7f]/);
  }
  const json = probe({ mode: 'json', environment: { LANG: 'C' } });
  json.send(text);
  expect(JSON.parse(json.stdout.text)).toMatchObject(text);
});
