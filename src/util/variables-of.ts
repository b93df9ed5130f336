/** Variables by name, of entries `NAME=value` as the kernel and the engine hold them; an entry that is none is passed over. */
export function variablesOf(entries: readonly string[]): Record<string, string> {
  const parts = entries.map((entry) => [entry, entry.indexOf('=')] as const).filter(([, separator]) => separator > 0);
  return Object.fromEntries(parts.map(([entry, separator]) => [entry.slice(0, separator), entry.slice(separator + 1)]));
}
