/** The value as one word of a POSIX shell command; a word of safe characters stays as it is. */
export function quoteForShell(value: string): string {
  if (/^[\w@%+=:,./-]+$/.test(value)) return value;
  return `'${value.replaceAll("'", `'"'"'`)}'`;
}
