import { isAbsolute, join, normalize } from 'node:path';
import { UsageError } from '../errors.ts';

/** What Slipway's own Dockerfile copies of a clone that can hold classes of a person's own. */
const copiedFolders = ['runs', 'src', 'trainer'] as const;

/**
 * Checks that the image of a clone of Slipway will hold the files of the classes that are named `file.Class`: they lie on
 * this machine, and would be missed only after the image is built. Throws UsageError.
 * @param used The parameters of the trainer.
 */
export function checkClassFiles(used: Readonly<Record<string, string>>): void {
  const folder = used.src_code_path ?? '';
  if (isAbsolute(folder)) return;
  for (const [name, value] of Object.entries(used)) {
    if (!/^\w+_class$/.test(name) || !value.includes('.')) continue;
    const file = normalize(join(folder, ...value.split('.').slice(0, -1)));
    if (copiedFolders.some((copied) => file.startsWith(`${copied}/`))) continue;
    throw new UsageError(
      `Parameter ${name} is ${value}, but its file ${file} lies outside runs and src, which are all that this image holds of your code.`,
      {
        hint: 'Move it below runs and set src_code_path to its folder, make a project with `slipway init --components`, or use --engine host.',
      },
    );
  }
}
