import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { isSecretFileName, secretNameForms } from '../util/secret-file.ts';

/** The files of `--secret NAME=FILE`, absolute, by name. Throws UsageError for one that is written otherwise, or named twice. */
export function secretFiles(words: readonly string[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const word of words) {
    const separator = word.indexOf('=');
    const [name, file] = [word.slice(0, Math.max(0, separator)), word.slice(separator + 1)];
    // What stands there without a name may be the secret itself: it is not repeated.
    if (separator <= 0 || file === '') {
      throw new UsageError('--secret (SLIPWAY_SECRET) is not written as NAME=FILE.', {
        hint: 'As in: `--secret token=/home/ada/token.txt`',
      });
    }
    if (!isSecretFileName(name)) {
      throw new UsageError(
        `--secret (SLIPWAY_SECRET) has the name ${name}, but a name is made of ${secretNameForms}.`,
        {
          hint: 'The program finds it as /run/secrets/NAME.',
        },
      );
    }
    if (Object.hasOwn(files, name)) throw new UsageError(`--secret (SLIPWAY_SECRET) names the secret ${name} twice.`);
    files[name] = resolve(file);
  }
  return files;
}
