/** A command and what it is good for. */
export type Example = readonly [command: string, describe: string];

/**
 * Examples as the end of a help text, each command on a line of its own, so that it can be copied: in columns side by
 * side, as yargs shows them, longer ones are broken.
 */
export function examplesText(examples: readonly Example[], title = 'Examples'): string {
  const lines = examples.flatMap(([command, describe]) => [`  # ${describe}`, `  ${command}`]);
  return [`${title}:`, ...lines].join('\n');
}

/** The group in which every verb shows what is the same for all of them. */
export const commonGroup = 'Output and help:';

/** A help text is read best at this width, and no wider. */
const widestHelp = 100;
const usualHelp = 80;

/** The width of a help text for a terminal of so many columns; undefined where the help goes elsewhere. */
export function helpColumns(columns: number | undefined): number {
  return Math.min(columns || usualHelp, widestHelp);
}
