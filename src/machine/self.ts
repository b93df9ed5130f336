import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { errorCode, UsageError } from '../errors.ts';
import type { StoredRun } from '../runs/index.ts';
import { currentUser } from '../util/current-user.ts';
import { machineId } from './machine-id.ts';

/** Who asks, and from which machine. */
export interface Self {
  readonly uid: number;
  readonly name: string;
  readonly machineId: string;
}

/** This user on this machine. */
export function currentSelf(): Self {
  const { uid, name } = currentUser();
  return { uid, name, machineId: machineId() };
}

/**
 * Whether a run is this user's by its plan, and its folder and plan by the file system. A plan alone is only text: in a
 * storage that a group writes to, somebody could write one that names another user as its owner.
 */
export async function isOwnRun({ paths, plan }: StoredRun, self: Pick<Self, 'uid'>): Promise<boolean> {
  if (plan === null || plan.owner.uid !== self.uid) return false;
  const owners = await Promise.all([paths.directory, paths.plan].map(ownerOf));
  return owners.every((uid) => uid === self.uid);
}

/** The user a file or folder belongs to, of a link the link's; null where it cannot be looked at. */
export async function ownerOf(path: string): Promise<number | null> {
  return lstat(path).then(
    ({ uid }) => uid,
    () => null,
  );
}

/** Whether a run lives on this machine. One without a plan is taken to. */
export function isOfThisMachine({ plan }: StoredRun, self: Pick<Self, 'machineId'>): boolean {
  return plan === null || plan.host.machineId === self.machineId;
}

/** Throws UsageError for a run whose owner lets nobody else look into its folder. */
export async function requireReadable({ runId, paths }: StoredRun): Promise<void> {
  try {
    await access(paths.logs, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (errorCode(error) !== 'EACCES') return;
    throw new UsageError(`The run ${runId} is another user's, who lets nobody else look into its folder.`, {
      hint: `What the tracking server has of it: \`slipway runs show ${runId}\`. Its owner opens it: \`chmod -R g+rX ${paths.directory}\``,
      cause: error,
    });
  }
}
