import type { AuditedRun } from './support/audit-run.ts';
import type { FaultRow } from './support/row.ts';

/** A row whose program writes what it should not; it ends well all the same. */
function trainer(how: string, row: Pick<FaultRow, 'fault' | 'promise' | 'values'> & Partial<FaultRow>): FaultRow {
  return {
    name: `trainer-${how}`,
    engine: 'host',
    isQuick: true,
    entryPoint: 'misbehave',
    parameters: { how },
    ends: { status: 'FINISHED', exitCode: 0 },
    ...row,
    fault: `trainer: ${row.fault}`,
  };
}

function incomplete(what: RegExp): FaultRow['ends'] {
  return { status: 'FINISHED', exitCode: 75, tags: { 'slipway.incomplete': what } };
}

function expectKeys(...keys: readonly string[]): NonNullable<FaultRow['check']> {
  return ([run]: readonly AuditedRun[]) => {
    const there = Object.keys(run?.serverRun?.data.metrics ?? {});
    const missing = keys.filter((key) => !there.includes(key));
    if (missing.length > 0) throw new Error(`the server has no metric ${missing.join(', ')}`);
  };
}

export const trainerRows: readonly FaultRow[] = [
  trainer('torn-line', {
    fault: 'a torn line',
    promise: 'It waits for its rest and counts once; one that never gets its rest is told of, and harms nothing.',
    values: 5,
    told: [/the line is passed over/],
    check: expectKeys('torn', 'after'),
  }),
  trainer('long-line', {
    fault: 'a line of 10 MB',
    promise: 'It is passed over and told of: FINISHED, tagged slipway.incomplete, exit code 75; what follows arrives.',
    values: 5,
    refuses: ({ key }) => key === 'long',
    told: [/longer than 1048576 bytes/],
    ends: incomplete(/line \(.*longer than/),
    check: expectKeys('after'),
  }),
  trainer('not-finite', {
    fault: 'NaN and Infinity',
    promise: 'They arrive as what they are, and it is told how MLflow shows them.',
    values: 7,
    told: [/accuracy is NaN at step 1/],
    check: expectKeys('accuracy', 'after'),
  }),
  trainer('float-step', {
    fault: 'a step that is no integer',
    promise: 'It is passed over and told of: FINISHED, tagged slipway.incomplete, exit code 75; what follows arrives.',
    values: 5,
    refuses: ({ step }) => step === 1.5,
    told: [/the line is passed over.*step/],
    ends: incomplete(/metric "[^"]+" \(.*step/),
    check: expectKeys('after'),
  }),
  trainer('refused-key', {
    fault: 'a key that MLflow refuses',
    promise: 'It is passed over and told of: FINISHED, tagged slipway.incomplete, exit code 75; what follows arrives.',
    values: 6,
    refuses: ({ key }) => /outside|quotes/.test(String(key)),
    told: [/the line is passed over.*key/],
    ends: incomplete(/metric "with "quotes" and a \?".*key: may only/),
    check: expectKeys('after'),
  }),
  trainer('many-keys', {
    fault: '10,000 different keys',
    promise: 'All arrive once.',
    isQuick: false,
    values: 10_003,
    patienceSeconds: 600,
  }),
  trainer('many-values', {
    fault: '1,000,000 metrics',
    promise: 'All arrive once; the launcher is told 75 where they take longer than the drain timeout.',
    isQuick: false,
    options: ['--drain-timeout', '3000'],
    values: 1_000_003,
    patienceSeconds: 3000,
  }),
  trainer('growing-artifact', {
    fault: 'an artifact that grows while it is uploaded',
    promise: 'No upload fails for it; the one that is named when it is whole is whole on the server.',
    values: 3,
  }),
  trainer('link-out', {
    fault: 'a symlink out of the folder',
    promise: 'What it leads to is not sent, which is told: FINISHED, tagged slipway.incomplete, and exit code 75.',
    values: 3,
    refusesArtifact: /link/,
    told: [/link\.txt/],
    ends: incomplete(/link\.txt/),
    async check([run], { client }) {
      const runId = run?.serverRun?.info.runId ?? '';
      const { files } = await client.listArtifacts(runId);
      if (files.some(({ path }) => path.includes('link'))) throw new Error('the link was followed');
    },
  }),
  trainer('after-end', {
    fault: 'events after `end`',
    promise: 'They count like all others.',
    values: 4,
    check([run]) {
      if (run?.serverRun?.data.tags.late !== 'yes') throw new Error('the tag that came late is not there');
    },
  }),
];
