/**
 * The command as a script for `/bin/sh -c` that survives a polite stop until the program has ended: the whole process
 * group gets the signal, the shell waits for the program, skips what would come next, and ends with the program's code.
 */
export function shellCommand(command: string): string {
  return `trap 'exit $?' INT TERM\n${command}\n`;
}
