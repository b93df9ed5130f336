import { describe, expect, it } from 'vitest';
import { type RunDetails, runPage } from '../../../src/history/index.ts';
import { createLook } from '../../../src/report/look.ts';
import { textWidth } from '../../../src/report/text-width.ts';
import { recordedRun } from './recorded.ts';

const parameters = { epochs: '3', seed: '1', note: 'two words', device: 'CPU' };
const details: RunDetails = {
  server: 'http://mlflow.example',
  run: recordedRun({
    status: 'FAILED',
    reason: 'the program exited with code 3: The data file is not a readable zip.',
    parameters,
    metrics: { val_auc: 0.9, epoch_seconds: 2 },
  }),
  experimentName: 'malaria',
  defaultParameters: ['seed'],
  programParameters: ['device'],
  metrics: {
    val_auc: { last: 0.9, lastStep: 3, best: 0.97, bestStep: 2 },
    loss: { last: 0.5, lastStep: 3, best: null, bestStep: null },
    epoch_seconds: { last: 2, lastStep: 3, best: 1, bestStep: 1 },
  },
  primaryMetric: { key: 'val_auc', steps: [1, 2, 3], values: [0.5, 0.97, 0.9] },
  artifacts: [
    { path: 'config.json', isDirectory: false, byteLength: 563 },
    { path: 'logs', isDirectory: true, byteLength: null },
    { path: 'logs/stdout.log', isDirectory: false, byteLength: 0 },
  ],
  hasMoreArtifacts: true,
  artifactsProblem: null,
  models: [
    {
      name: 'malaria',
      version: '4',
      aliases: ['champion'],
      modelId: 'm-1',
      url: 'http://mlflow.example/#/models/malaria',
    },
    { name: null, version: null, aliases: [], modelId: 'm-2', url: 'http://mlflow.example/#/m-2' },
  ],
  folder: {
    directory: '/storage/runs/20261125-203934-cje0',
    logs: ['/storage/runs/20261125-203934-cje0/logs/stdout.log'],
    state: 'failed',
    isOnServer: true,
    problem: null,
  },
  runsUrl: 'http://mlflow.example/#/runs',
  chartsUrl: 'http://mlflow.example/#/charts',
  again: ['run', '.', '-P', 'epochs=3', '-P', 'note=two words'],
};

const page = (change: Partial<RunDetails>, columns = 100, hyperlinks = false) => {
  const stream = { write: () => {}, isTTY: true, columns };
  const look = createLook({ stream, environment: { NO_COLOR: '1' }, hyperlinks });
  return runPage({ ...details, ...change }, { look, nowMs: 1_000_000 + 3_600_000, program: 'bin/slipway' });
};

describe('the page of a run', () => {
  it('tells state, reason, code and machine first, then what was chosen, reached and kept', () => {
    const text = page({}).join('\n');
    expect(text).toMatch(/^FAILED {2}noble-whale-234\n {2}reason {5}the program exited with code 3: The data file/);
    expect(text).toMatch(/ \(1 h ago\), took 3\.7 s$/m);
    expect(text).toContain('code       b7ffa8cea4a2, branch main, /nowhere/cells');
    expect(text).toContain('ran        on box-3, by ada, engine docker');
    expect(text).toContain(
      '\n    epochs  3\n    note    two words\n    by default: seed=1\n    recorded by the program: device=CPU\n',
    );
    expect(text).toMatch(/^ {4}val_auc {8}0\.9000 {2}0\.9700 {6}2$/m);
    expect(text).toMatch(/^ {4}loss {11}0\.5000$/m);
    expect(text).toContain('history    val_auc ▁█▇  0.5000 → best 0.9700 (epoch 2) → 0.9000');
    expect(text).toContain('    config.json  563 B\n    logs/  1 file or more\n');
    expect(text).toContain('models     malaria version 4 (@champion)\n');
    expect(text).toContain('m-2, not registered');
    expect(text).toContain(
      "# with b7ffa8cea4a2 checked out\n             bin/slipway run . -P epochs=3 -P 'note=two words'",
    );
  });

  it.each([60, 80, 200])('breaks words but neither addresses nor commands nor paths on %i columns', (columns) => {
    const whole = /http:|bin\/slipway|\/storage\/runs/;
    for (const line of page({}, columns).filter((each) => !whole.test(each))) {
      expect(textWidth(line)).toBeLessThanOrEqual(columns);
    }
    expect(page({}, columns).join('\n')).toContain('/storage/runs/20261125-203934-cje0/logs/stdout.log');
  });

  it('keeps times, names and short values in their places beside long ones', () => {
    const long = 'a_long_name_'.repeat(17).slice(0, 200);
    const note = 'some words '.repeat(8).trim();
    const run = recordedRun({
      parameters: { epochs: '3', [long]: '7', note, path: long },
      durationMs: 640_000,
      owner: long,
    });
    const lines = page({ run, defaultParameters: [], programParameters: [] }, 60);
    const start = lines.indexOf('  parameters') + 1;
    expect(lines.slice(start, start + 7)).toEqual([
      '    epochs  3',
      `    ${long}`,
      '            7',
      '    note    some words some words some words some words some',
      '            words some words some words some words',
      `    path    ${long}`,
      '',
    ]);
    expect(page({ run }, 50)).toContain('             took 10 min 40 s');
    expect(lines).toContain(`             by ${long},`);
    expect(page({ run }, 200)).toContainEqual(expect.stringMatching(/^ {2}started .* ago\), took 10 min 40 s$/));
  });

  it('is short with its links where the terminal knows hyperlinks', () => {
    const lines = page({}, 60, true);
    expect(lines.filter((line) => line.includes('links')).map((line) => textWidth(line))).toEqual([34]);
  });

  it('tells of a run that something else made what there is', () => {
    const bare = recordedRun({
      runId: null,
      startedAtMs: null,
      durationMs: null,
      owner: null,
      host: null,
      engine: null,
      image: null,
      source: { commit: null, branch: null, isDirty: false, repositoryUrl: null, name: null, entryPoint: null },
    });
    const nothing = {
      models: [],
      folder: null,
      again: null,
      artifacts: [],
      hasMoreArtifacts: false,
      primaryMetric: null,
    };
    const text = page({ ...nothing, run: bare, metrics: {}, defaultParameters: null, programParameters: [] }).join(
      '\n',
    );
    expect(text).toContain('started    not known');
    expect(text).toContain('code       no commit');
    expect(text).not.toMatch(/undefined|null|again|folder|metrics/);
  });

  it('calls a reason of several lines one, and keeps the form of what they show', () => {
    const run = recordedRun({ reason: 'The data file is damaged.\n    at  byte 7\nMake it again.' });
    expect(page({ run }).slice(1, 4)).toEqual([
      '  reason     The data file is damaged.',
      '                 at  byte 7',
      '             Make it again.',
    ]);
  });

  it('says why artifacts are missing, beside those that were listed', () => {
    const artifactsProblem = 'GET http://mlflow.example/api answered 500: boom.';
    expect(page({ artifactsProblem })).toContain(`    ! not all of them could be listed: ${artifactsProblem}`);
    const nothing = page({ artifacts: [], artifactsProblem });
    const start = nothing.indexOf('  artifacts');
    expect(nothing[start + 1]).toBe(`    ! they could not be listed: ${artifactsProblem}`);
  });

  it('tells that a run has diverged beside how it ended', () => {
    const run = recordedRun({ diverged: 'epoch 3: loss is NaN' });
    const lines = page({ run });
    expect(lines[0]).toMatch(/^FINISHED {2}/);
    expect(lines[1]).toBe('  diverged   epoch 3: loss is NaN');
  });

  it('shows nothing that steers a terminal, whatever names and values hold', () => {
    const hostile = (value: unknown): unknown => {
      if (typeof value === 'string')
        return /^[A-Z]+$/.test(value) ? value : `\u001b]0;owned\u0007\u009b2J\u001b[2J${value}`;
      if (Array.isArray(value)) return value.map(hostile);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hostile(part)]));
    };
    const run = {
      ...(hostile(details.run) as RunDetails['run']),
      parameters: { '\u001b[2Jepochs': 'a\r\u001b[2Jb\nc' },
    };
    const changed = { ...(hostile(details) as RunDetails), run };
    for (const line of page(changed)) expect(line).toMatch(/^[^\x00-\x1f\x7f-\x9f]*$/);
    const linked = page({ ...changed, again: ['run', 'a\u001b[2J'] }, 100, true).join('\n');
    expect(linked).not.toMatch(/\u001b\[2J|\u0007|\u009b/);
    expect(linked).toMatch(/^ {2}again {6}# its parameters hold characters that cannot be shown here$/m);
  });

  it('shows a folder with how much is in it, and counts one of the two files of a picture', () => {
    const picture = 'images/filters+step+4+timestamp+1795642732446+76b31d08-af8f-87aa-7d49-d370bf8d9a3d';
    const artifacts = [
      { path: 'images', isDirectory: true, byteLength: null },
      { path: `${picture}+compressed.webp`, isDirectory: false, byteLength: 3700 },
      { path: `${picture}.png`, isDirectory: false, byteLength: 3700 },
    ];
    const lines = page({ artifacts, hasMoreArtifacts: false });
    const start = lines.indexOf('  artifacts');
    expect(lines.slice(start + 1, start + 3)).toEqual(['    images/  1 file, 3.7 KB', '']);
  });
});
