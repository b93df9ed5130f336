import { basename } from 'node:path';
import { UsageError } from '../errors.ts';
import { imageRepository } from '../project/index.ts';
import { trainerImageName } from '../trainer-program/index.ts';

/** Checks the name that a person gives a project. Throws UsageError that suggests one which can be used. */
export function checkProjectName(name: string): string {
  const usable = imageRepository(name);
  if (usable !== name) {
    throw new UsageError(
      `A project cannot be called ${JSON.stringify(name)}: its images are called so too, and their names are lower-case letters and digits, with single dots, underscores or dashes between them.`,
      { hint: `\`slipway init ${usable}\`` },
    );
  }
  if (name === trainerImageName) {
    throw new UsageError(`A project cannot be called ${name}: that is the image of the trainer.`, {
      hint: '`slipway init my-trainer`',
    });
  }
  return name;
}

/** The name of a project in a folder that nobody named for it. */
export function projectNameOf(directory: string): string {
  const name = imageRepository(basename(directory));
  return name === trainerImageName ? `my-${name}` : name;
}
