/** The process's environment: the one place of `src` that reads it. Each folder parses the variables it owns. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
