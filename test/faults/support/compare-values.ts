import { identityOfEvent, type WrittenEvent } from './written-values.ts';

const shownAtMost = 3;

/** What is wrong with the values of a run. */
export interface ComparedValues {
  /** Values that are there more than once, and values that nobody has written. */
  readonly doubles: number;
  readonly problems: readonly string[];
}

/**
 * Compares the values of a run log with how often a server has each.
 * @param refuses The values that no server can take: they may be missing.
 */
export function compareValues(
  metrics: readonly WrittenEvent[],
  onServer: ReadonlyMap<string, number>,
  refuses: (event: WrittenEvent) => boolean = () => false,
): ComparedValues {
  const written = new Set(metrics.map(identityOfEvent));
  const expected = new Set(metrics.filter((event) => !refuses(event)).map(identityOfEvent));
  const lost = [...expected].filter((identity) => !onServer.has(identity));
  const foreign = [...onServer.keys()].filter((identity) => !written.has(identity));
  const repeated = [...onServer.values()].reduce((sum, count) => sum + count - 1, 0);
  const problems: string[] = [];
  const tell = (what: string, identities: readonly string[]): void => {
    if (identities.length > 0)
      problems.push(`${identities.length} values ${what}: ${identities.slice(0, shownAtMost).join(' ')}`);
  };
  tell('are lost', lost);
  tell('were never written', foreign);
  if (repeated > 0) problems.push(`${repeated} values are there twice`);
  return { doubles: repeated + foreign.length, problems };
}
