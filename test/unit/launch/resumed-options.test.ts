import { describe, expect, it } from 'vitest';
import { type LaunchRequest, usualRequest } from '../../../src/launch/request.ts';
import { changedLimits, checkSameNames, checkUnchanged } from '../../../src/launch/resumed-options.ts';
import type { RunPlan } from '../../../src/runs/plan.ts';
import { examplePlan } from '../../support/example-plan.ts';

const plan: RunPlan = {
  ...examplePlan({ projectDirectory: '/projects/cells', storageDirectory: '/storage', gpus: '1', memoryMiB: 512 }),
  registerModel: 'cells',
  passEnvironment: ['A', 'B'],
  parameters: { config: 'runs/a/config.yaml' },
};
const wishesOf = (change: Partial<LaunchRequest>): LaunchRequest => ({ ...usualRequest, project: '/here', ...change });
const check = (change: Partial<LaunchRequest>): void =>
  checkUnchanged(plan, wishesOf(change), new Set(Object.keys(change) as (keyof LaunchRequest)[]));

describe('an option given to a resumed run', () => {
  it.each<[Partial<LaunchRequest>, string]>([
    [{ entryPoint: 'test' }, '--entry-point is test, but the run example has main'],
    [{ runName: 'other' }, '--run-name is other, but the run example has example'],
    [{ experimentName: 'x' }, '--experiment-name is x, but the run example has none'],
    [{ engine: 'host' }, '--engine is host, but the run example has docker'],
    [{ gpus: 'all' }, '--gpus is all, but the run example has 1'],
    [{ baseImage: 'node:20' }, '--base-image is node:20, but the run example has node:24-slim'],
    [{ registerModel: '' }, '--register-model is none, but the run example has cells'],
    [{ passEnvironment: ['A'] }, '--env is A, but the run example has A B'],
    [
      { configFile: 'runs/b/config.yaml' },
      '--config is runs/b/config.yaml, but the run example has runs/a/config.yaml',
    ],
    [{ cpus: 2 }, '--cpus is 2, but the run example has none'],
    [{ project: '/other' }, 'The run example is one of /projects/cells, not of /other.'],
  ])('is refused where it is another: %j', (change, message) => {
    expect(() => check(change)).toThrow(message);
  });

  it('is taken where it is equal, or says nothing', () => {
    const same = { entryPoint: 'main', engine: 'docker', gpus: '1', passEnvironment: ['B', 'A'] } as const;
    expect(() => check({ ...same, runName: 'example', registerModel: 'cells' })).not.toThrow();
    expect(() => check({ configFile: 'runs/a/config.yaml' })).not.toThrow();
    expect(() => check({ configFile: '/projects/cells/runs/a/config.yaml' })).not.toThrow();
    expect(() => check({ engine: 'auto', project: '/projects/cells' })).not.toThrow();
    // What was not given stands for nothing.
    expect(() => checkUnchanged(plan, wishesOf({ gpus: 'all', engine: 'host' }), new Set())).not.toThrow();
  });

  it('may be another limit, and all others stay', () => {
    const wishes = wishesOf({ memoryMiB: 2048, stopGraceMs: 5, pids: 1 });
    expect(changedLimits(plan, wishes, new Set(['memoryMiB', 'stopGraceMs']))).toMatchObject({
      limits: { ...plan.limits, memoryMiB: 2048 },
      stopGraceMs: 5,
      drainTimeoutMs: plan.drainTimeoutMs,
    });
  });
});

describe('files of variables and of secrets of a resumed run', () => {
  const launched = { ...plan, envFiles: { '/a.env': ['A', 'B'], '/b.env': ['B'] }, secretFiles: { token: '/token' } };

  it('may be others, with the same names', () => {
    expect(() =>
      checkSameNames(launched, { envFiles: { '/new.env': ['B', 'A'] }, secretFiles: { token: '/new' } }),
    ).not.toThrow();
  });

  it.each([
    [{ envFiles: { '/a.env': ['A'] }, secretFiles: { token: '/token' } }, 'The variables of --env-file are A now, but'],
    [{ envFiles: launched.envFiles, secretFiles: {} }, 'The secrets of --secret are none now, but the run example was'],
  ])('are refused with other names: %j', (now, message) => {
    expect(() => checkSameNames(launched, now)).toThrow(message);
  });
});
