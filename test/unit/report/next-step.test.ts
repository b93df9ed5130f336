import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../../src/events.ts';
import { type NextStepContext, nextStep } from '../../../src/report/index.ts';
import { finished } from './fake-stream.ts';

const context: NextStepContext = {
  program: 'bin/slipway',
  storage: null,
  experiment: null,
  again: ['run', '.', '-P', 'note=two words'],
  canResume: () => false,
  hasEarlierRuns: () => true,
};
const commandAfter = (change: Partial<RunResult>, changed: Partial<NextStepContext> = {}) =>
  nextStep({ ...finished, ...change }, { ...context, ...changed })?.command ?? null;

describe('the next useful command', () => {
  it('compares a run that ended well with those before it, and shows the first one', () => {
    expect(commandAfter({})).toBe('bin/slipway runs');
    expect(commandAfter({}, { experiment: 'cells' })).toBe('bin/slipway runs --experiment cells');
    expect(commandAfter({}, { hasEarlierRuns: () => false })).toBe('bin/slipway runs show brave-otter');
  });

  it('shows a run that failed, where the server has it', () => {
    expect(commandAfter({ status: 'FAILED', exitCode: 3 })).toBe('bin/slipway runs show brave-otter');
    expect(commandAfter({ status: 'FAILED', exitCode: null })).toBe('bin/slipway runs show brave-otter');
    expect(commandAfter({ status: 'FAILED', exitCode: null, mlflowRunId: null })).toBeNull();
  });

  it('shows by its id a run whose name is no word for a command line, and binds such an experiment to its option', () => {
    const failed = { status: 'FAILED', exitCode: 3 } as const;
    for (const runName of ['-rf', '--help', 'a\u001b[2Jb', '']) {
      expect(commandAfter({ ...failed, runName })).toBe('bin/slipway runs show 20261121-034512-k3f9');
    }
    expect(commandAfter({}, { experiment: '-x' })).toBe('bin/slipway runs --experiment=-x');
  });

  it('runs again what was stopped', () => {
    expect(commandAfter({ status: 'KILLED' })).toBe("bin/slipway run . -P 'note=two words'");
    expect(commandAfter({ status: 'KILLED' }, { again: null })).toBeNull();
    // Made safe to show, it would be another command.
    expect(commandAfter({ status: 'KILLED' }, { again: ['run', '.', '-P', 'note=\u001b[2J'] })).toBeNull();
  });

  it('goes on with what left checkpoints, unless it ended well or never ran', () => {
    const kept = { canResume: () => true, storage: '/mnt/storage' };
    const command = 'bin/slipway run --resume 20261121-034512-k3f9 --storage /mnt/storage';
    expect(commandAfter({ status: 'KILLED', exitCode: 143 }, kept)).toBe(command);
    expect(commandAfter({ status: 'FAILED', exitCode: 137 }, kept)).toBe(command);
    expect(commandAfter({ status: 'FAILED', exitCode: null }, kept)).toContain('runs show');
    expect(commandAfter({}, kept)).toContain('bin/slipway runs');
    expect(commandAfter({ status: 'KILLED', drained: false }, kept)).toContain('sync');
  });

  it('carries on what has not arrived', () => {
    expect(commandAfter({ drained: false })).toBe('bin/slipway sync 20261121-034512-k3f9');
    expect(commandAfter({ mlflowRunId: null, drained: false })).toBe(
      'MLFLOW_TRACKING_URI=http://… bin/slipway sync 20261121-034512-k3f9',
    );
  });

  it('calls the program as the person does, be that two words', () => {
    expect(commandAfter({}, { program: 'npx slipway' })).toBe('npx slipway runs');
    expect(commandAfter({}, { program: 'npx slipway', hasEarlierRuns: () => false })).toMatch(
      /^npx slipway runs show /,
    );
  });

  it('names the storage where it is not the default one, and is safe to paste', () => {
    const command = commandAfter({}, { storage: "/data/it's $(mine)", program: "'/opt/with space/slipway'" }) ?? '';
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' });
    expect(words.trimEnd().split('\n')).toEqual(['/opt/with space/slipway', 'runs', '--storage', "/data/it's $(mine)"]);
  });
});
