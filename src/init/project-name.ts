import { basename, join } from 'node:path';
import { UsageError } from '../errors.ts';
import { imageRepository } from '../project/index.ts';
import { trainerImageName } from '../trainer-program/index.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';

/**
 * Checks the name that a person gives a project. Throws UsageError that suggests one which can be used, in the same place.
 * @param parent The folder it is to lie in, as it was typed.
 */
export function checkProjectName(name: string, parent = '.'): string {
  const usable = imageRepository(name);
  if (usable !== name) {
    throw new UsageError(
      `A project cannot be called ${JSON.stringify(name)}: its images are called so too, and their names are lower-case letters and digits, with single dots, underscores or dashes between them.`,
      { hint: initCommand(usable, parent) },
    );
  }
  if (name === trainerImageName) {
    throw new UsageError(`A project cannot be called ${name}: that is the image of the trainer.`, {
      hint: initCommand('my-trainer', parent),
    });
  }
  return name;
}

function initCommand(name: string, parent: string): string {
  return `\`slipway init ${quoteForShell(join(parent, name))}\``;
}

/** The name of a project in a folder that nobody named for it. */
export function projectNameOf(directory: string): string {
  const name = imageRepository(basename(directory));
  return name === trainerImageName ? `my-${name}` : name;
}
