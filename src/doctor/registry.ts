import type { Check } from './check.ts';
import { engineChecks } from './engine-checks.ts';
import { gpuChecks } from './gpu-checks.ts';
import { nodeChecks } from './node-checks.ts';
import { packagesChecks } from './packages-checks.ts';
import { projectChecks } from './project-checks.ts';
import { pythonChecks } from './python-checks.ts';
import { storageChecks } from './storage-checks.ts';
import { tensorflowChecks } from './tensorflow-checks.ts';
import { trackingChecks } from './tracking-checks.ts';

/** All checks, in the order in which they are shown. */
export const allChecks: readonly Check[] = [
  ...projectChecks,
  ...engineChecks,
  ...gpuChecks,
  ...nodeChecks,
  ...packagesChecks,
  ...tensorflowChecks,
  ...storageChecks,
  ...trackingChecks,
  ...pythonChecks,
];
