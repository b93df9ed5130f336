import { afterAll, beforeAll, expect, test } from 'vitest';
import { testBaseImage } from '../support/base-image.ts';
import { type GitProject, gitProject, type MlflowServer, requireDocker, startMlflow } from '../support/index.ts';
import { faultRows } from './rows.ts';
import { docker } from './support/leftovers.ts';
import type { FaultRow } from './support/row.ts';
import { notRun, type RowOutcome, runRow } from './support/run-row.ts';
import { writeTable } from './support/table.ts';

/** `all`, names of rows with commas between them, or by default those that are quick. */
const wanted = (process.env.SLIPWAY_TEST_FAULTS || 'quick').split(',');
const file = process.env.SLIPWAY_TEST_FAULTS_TABLE || `${import.meta.dirname}/last.md`;
const rows = faultRows.filter(
  ({ name, isQuick }) => wanted.includes('all') || wanted.includes(name) || (wanted.includes('quick') && isQuick),
);
const unknown = wanted.filter((name) => !['all', 'quick', ...faultRows.map((row) => row.name)].includes(name));
if (unknown.length > 0) {
  const names = faultRows.map(({ name }) => name).join(', ');
  throw new Error(`There is no row "${unknown.join('", "')}"; there are: ${names}`);
}

let server: MlflowServer;
let project: GitProject;
const outcomes = new Map<FaultRow, RowOutcome>();

beforeAll(async () => {
  await requireDocker();
  server = await startMlflow();
  project = await faultyProject();
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** The project that misbehaves; what was built of its commits goes with it. */
async function faultyProject(): Promise<GitProject> {
  const made = await gitProject('faults', { baseImage: await testBaseImage() });
  const dispose = async (): Promise<void> => {
    for (const commit of made.git('rev-list', 'HEAD').split('\n')) {
      const image = `faults:${commit.slice(0, 12)}`;
      if (docker(['images', '--quiet', image]) !== '') docker(['rmi', '--force', image]);
    }
    await made[Symbol.asyncDispose]();
  };
  return { ...made, [Symbol.asyncDispose]: dispose };
}

function record(outcome: RowOutcome): void {
  outcomes.set(outcome.row, outcome);
  writeTable(
    file,
    faultRows.flatMap((row) => outcomes.get(row) ?? []),
  );
}

for (const row of rows) {
  test.concurrent(`${row.fault}: ${row.promise}`, async ({ skip }) => {
    const reason = (await row.cannot?.()) ?? null;
    if (reason !== null) {
      record(notRun(row, reason));
      skip(reason);
    }
    await using ownServer = row.ownServer === true ? await startMlflow() : null;
    await using ownProject = row.ownProject === true ? await faultyProject() : null;
    const outcome = await runRow({ row, server: ownServer ?? server, project: ownProject ?? project });
    record(outcome);
    expect(outcome.problems.join('\n')).toBe('');
  });
}
