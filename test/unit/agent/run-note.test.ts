import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runNote } from '../../../src/agent/run-note.ts';
import { tagProblem } from '../../../src/mlflow/index.ts';
import { usualPids } from '../../../src/runs/index.ts';
import type { RunPlan } from '../../../src/runs/plan.ts';
import { examplePlan } from '../../support/example-plan.ts';

const example = examplePlan({ projectDirectory: '/projects/cells', storageDirectory: '/mnt/storage' });
const plan = { ...example, limits: { ...example.limits, pids: usualPids } };
const image = { name: 'cells:aaaaaaaaaaaa', id: `sha256:${'1'.repeat(64)}` };
const noteOf = (change: Partial<RunPlan>): string => runNote({ ...plan, ...change }, { image, tags: {}, result: null });

/** The words of the command of a note, as a shell reads them. */
function againWords(note: string): string[] {
  const command = /```sh\n([\s\S]*)\n```$/.exec(note)?.[1] ?? '';
  return execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

describe('the command of a note', () => {
  it('has entry point, engine and experiment where the run has them, safe to paste', () => {
    const note = noteOf({
      project: { ...plan.project, entryPoint: 'two words; id' },
      tracking: { ...plan.tracking, experimentName: "it's mine" },
      parameters: { note: '$(id)' },
      engine: 'host',
      limits: { ...plan.limits, cpus: 1.5, shmMiB: 64 },
      registerModel: 'other',
    });
    expect(againWords(note)).toEqual([
      ...['slipway', 'run', '.', '-e', 'two words; id', '-P', 'note=$(id)'],
      ...['--experiment-name', "it's mine", '--engine', 'host'],
      ...['--register-model', 'other', '--cpus', '1.5', '--shm-size', '64m'],
    ]);
  });

  it('names an experiment by its id where the run did, and none where it is the project’s own', () => {
    const tracking = (change: Partial<RunPlan['tracking']>) =>
      againWords(noteOf({ tracking: { ...plan.tracking, ...change } }));
    expect(tracking({ experimentId: '7' })).toEqual(['slipway', 'run', '.', '--experiment-id', '7']);
    expect(tracking({ experimentName: plan.project.name })).toEqual(['slipway', 'run', '.']);
  });

  it('stays in its fence, whatever a value holds', () => {
    expect(noteOf({ parameters: { text: 'a\n```\n# title' } })).toMatch(/\n````sh\n[\s\S]*\n````$/);
  });
});

describe('the length of a note', () => {
  const many = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`parameter_${index}`, `value ${index}`]));
  const long = '\u{1f52c}'.repeat(3000);

  it.each<[string, Partial<RunPlan>]>([
    ['one long value', { parameters: { epochs: '3', long } }],
    ['values of quotes', { parameters: { long: "'".repeat(6000) } }],
    ['values of fences', { parameters: { long: '`'.repeat(4000) } }],
    ['many parameters', { parameters: many }],
    ['long names', { project: { ...plan.project, entryPoint: long, name: long }, gpus: long, parameters: many }],
  ])('is within what servers take, its command still in its fence: %s', (_, change) => {
    const note = runNote(
      { ...plan, ...change, source: { ...plan.source, branch: long } },
      {
        image,
        tags: { device: long, diverged: long },
        result: { status: 'FAILED', exitCode: 1, reason: long, durationMs: 1 },
      },
    );
    expect(note.length).toBeLessThanOrEqual(5000);
    expect(tagProblem('mlflow.note.content', note)).toBeNull();
    expect(note).toMatch(/^(`{3,})sh\nslipway run \.[\s\S]*\n\1$/m);
    expect(note).toContain('what is cut here (…) stands whole among the parameters:\n');
  });

  it('leaves short values whole beside a long one, and says how many parameters are left out', () => {
    const note = noteOf({ parameters: { epochs: '3', long, last: 'x'.repeat(90) } });
    expect(note).toContain('-P epochs=3 \\\n');
    expect(note).toContain(`-P last=${'x'.repeat(90)}\n`);
    const words = againWords(noteOf({ parameters: many, engine: 'host' }));
    expect(words.slice(-2)).toEqual(['--engine', 'host']);
    expect(noteOf({ parameters: many })).toMatch(/ # … and \d+ more parameters\n```$/);
  });

  it('does not speak of cuts where nothing is cut', () => {
    expect(noteOf({ parameters: { epochs: '3' } })).toContain('Again, in the same folder:\n');
  });
});

it('a note tells how often its run was resumed', () => {
  expect(noteOf({})).not.toContain('Resumed');
  expect(noteOf({ attempt: 2 })).toContain('\n- Resumed once\n');
  expect(noteOf({ attempt: 4 })).toContain('\n- Resumed 3 times\n');
});
