import { storagesToSearch } from '../machine/known-storages.ts';
import { type LookBack, openLookBack } from './look-back.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** What a verb that goes to runs of this machine works with. */
export interface MachineVerb extends LookBack {
  readonly environment: Environment;
  /** Real paths of the storages that are there, the one that is meant by itself first. */
  readonly storages: readonly string[];
  /** True where one was named, which alone is meant then. */
  readonly isOnly: boolean;
}

/** Opens it, has the verb carried out, and closes it. Resolves with the exit code. */
export async function withMachine(
  given: Given,
  environment: Environment,
  signal: AbortSignal,
  carryOut: (machine: MachineVerb) => Promise<number>,
): Promise<number> {
  const back = openLookBack(given, environment, signal);
  try {
    const isOnly = typeof given.storage === 'string';
    const storages = await storagesToSearch(back.storageDirectory, { isOnly, environment });
    return await carryOut({ ...back, environment, storages, isOnly });
  } finally {
    back.close();
  }
}
