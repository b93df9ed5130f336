import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { environment } from '../config.ts';
import type { RunPlan } from '../runs/plan.ts';
import { trainerImageName } from '../trainer-program/index.ts';
import { packageRoot } from '../util/package-root.ts';

/** Where the npm packages lie that a program on the host needs, and how to install them where they are missing. */
export interface ProgramPackages {
  readonly projectDirectory: string;
  readonly installHint: string;
}

/** A project on the trainer that comes with Slipway has no packages of its own: the trainer runs from where Slipway lies. */
function usesTrainer(plan: RunPlan): boolean {
  return plan.project.dockerImage === trainerImageName;
}

/** The packages of the plan's program. */
export function programPackages(plan: RunPlan): ProgramPackages {
  if (!usesTrainer(plan)) return { projectDirectory: plan.project.directory, installHint: 'make setup' };
  const isClone = existsSync(join(packageRoot(), 'package-lock.json'));
  // Its own install script would fetch another release of the library, and npm drops the package where that fails.
  const installHint = isClone ? `make -C ${packageRoot()} setup` : 'npm install --ignore-scripts slipway';
  return { projectDirectory: packageRoot(), installHint };
}

/** PATH of the plan's program: with the trainer's command for a project that uses it. */
export function programPath(plan: RunPlan): string {
  const own = usesTrainer(plan) ? [join(packageRoot(), 'bin')] : [];
  return [...own, dirname(process.execPath), environment().PATH ?? ''].join(delimiter);
}
