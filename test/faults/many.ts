import type { FaultRow } from './support/row.ts';

const launches = 20;

export const manyRows: readonly FaultRow[] = [
  {
    name: 'many-launches',
    fault: `many: ${launches} launches at once of one commit with an experiment that does not exist yet`,
    promise: 'One experiment, one image, as many runs, and each has its values once.',
    isQuick: false,
    engine: 'docker',
    parameters: { epochs: 10, epoch_ms: 100 },
    async launch(scene) {
      for (let index = 0; index < launches; index += 1) scene.launch();
    },
    values: 20,
    ends: { status: 'FINISHED', exitCode: 0 },
    async check(runs) {
      if (runs.length !== launches) throw new Error(`there are ${runs.length} runs`);
      const experiments = new Set(runs.map(({ serverRun }) => serverRun?.info.experimentId));
      if (experiments.size !== 1) throw new Error(`the runs are in ${experiments.size} experiments`);
      const images = new Set(runs.map(({ state }) => (state?.image as { id?: string } | null)?.id));
      if (images.size !== 1) throw new Error(`the runs have ${images.size} images`);
    },
    patienceSeconds: 300,
  },
];
