const longest = 100;

/** What stands in data as a sentence can quote it: on one line, and cut where it is long, as the rest of a table is that a quote began. */
export function shown(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ').trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
