import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programPackages, programPath } from '../../../src/executors/host-trainer.ts';
import { trainerImageName } from '../../../src/trainer-program/index.ts';
import { packageRoot } from '../../../src/util/package-root.ts';
import { examplePlan } from '../../support/example-plan.ts';

const folders = { projectDirectory: '/work/demo', storageDirectory: '/work/storage', engine: 'host' } as const;
const onTrainer = examplePlan({ ...folders, dockerImage: trainerImageName });
const foreign = examplePlan({ ...folders, dockerImage: 'python:3' });

describe('a project on the trainer, on the host', () => {
  it('finds the command of the trainer before everything else on its PATH, and other projects do not', () => {
    const own = join(packageRoot(), 'bin');
    expect(programPath(onTrainer).split(':').slice(0, 2)).toEqual([own, dirname(process.execPath)]);
    expect(programPath(foreign).split(':')[0]).toBe(dirname(process.execPath));
    expect(programPath(foreign).split(':')).not.toContain(own);
  });

  it('has its packages where Slipway lies, others where they lie themselves', () => {
    expect(programPackages(onTrainer).projectDirectory).toBe(packageRoot());
    expect(programPackages(foreign).projectDirectory).toBe('/work/demo');
  });
});
