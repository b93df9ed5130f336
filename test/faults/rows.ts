import { containerRows } from './container.ts';
import { launcherRows } from './launcher.ts';
import { serverRows } from './server.ts';
import type { FaultRow } from './support/row.ts';
import { trainerRows } from './trainer.ts';

/** All rows of the table, in its order. */
export const faultRows: readonly FaultRow[] = [...serverRows, ...launcherRows, ...containerRows, ...trainerRows];
