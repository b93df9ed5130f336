import { agentRows } from './agent.ts';
import { artifactStoreRows } from './artifact-store.ts';
import { containerRows } from './container.ts';
import { diskRows } from './disk.ts';
import { engineRows } from './engine.ts';
import { launcherRows } from './launcher.ts';
import { manyRows } from './many.ts';
import { serverRows } from './server.ts';
import type { FaultRow } from './support/row.ts';
import { trainerRows } from './trainer.ts';

/** All rows of the table, in its order. */
export const faultRows: readonly FaultRow[] = [
  ...[...serverRows, ...artifactStoreRows, ...launcherRows, ...agentRows, ...containerRows, ...engineRows],
  ...[...diskRows, ...trainerRows, ...manyRows],
];
