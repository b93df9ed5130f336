/** A command and what it is good for. */
export type Example = readonly [command: string, describe: string];

/**
 * Examples as the end of a help text, each command on a line of its own, so that it can be copied: in columns side by
 * side, as yargs shows them, longer ones are broken.
 */
export function examplesText(examples: readonly Example[]): string {
  const lines = examples.flatMap(([command, describe]) => [`  # ${describe}`, `  ${command}`]);
  return ['Examples:', ...lines].join('\n');
}

/** The group in which every verb shows what is the same for all of them. */
export const commonGroup = 'Output and help:';
