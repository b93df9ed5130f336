import { resolve } from 'node:path';
import type { Check, Finding } from '../../src/doctor/check.ts';
import { type DoctorContext, type DoctorRequest, openContext } from '../../src/doctor/context.ts';
import { allChecks } from '../../src/doctor/registry.ts';
import { runChecks } from '../../src/doctor/runner.ts';

const checkout = resolve(import.meta.dirname, '../..');

/** A request to look at this checkout as a person who has set nothing would have it looked at. */
export function doctorRequest(changes: Partial<DoctorRequest> = {}): DoctorRequest {
  return {
    environment: { PATH: process.env.PATH, HOME: '/nonexistent' },
    projectDirectory: checkout,
    storageDirectory: resolve(checkout, 'storage'),
    isUsualStorage: true,
    engine: 'auto',
    gpus: null,
    baseImage: null,
    ...changes,
  };
}

/** What each looks like that was asked for, by its id. */
export type Findings = Readonly<Record<string, Finding>>;

/**
 * Makes the checks of these ids for real, and all they need. `facts` stand for what a context tells of the process
 * itself, such as the version of Node.js.
 */
export async function look(
  ids: readonly string[],
  changes: Partial<DoctorRequest> = {},
  facts: Partial<DoctorContext> = {},
  adapt: (check: Check) => Check = (check) => check,
): Promise<Findings> {
  const wanted = new Set(ids);
  for (const { id, needs = [] } of allChecks.toReversed())
    if (wanted.has(id)) for (const need of needs) wanted.add(need);
  const checks = allChecks.filter(({ id }) => wanted.has(id)).map(adapt);
  const missing = ids.filter((id) => !checks.some((check) => check.id === id));
  if (missing.length > 0) throw new Error(`there is no check ${missing.join(', ')}`);
  const context = openContext(doctorRequest(changes), AbortSignal.timeout(240_000));
  try {
    const findings = await runChecks(checks, { ...context, ...facts });
    return Object.fromEntries(findings.map((finding) => [finding.id, finding]));
  } finally {
    await context.close();
  }
}

/** A look at the tracking server of this address, on the host engine where nothing else is said. */
export function lookAtTracking(
  ids: readonly string[],
  MLFLOW_TRACKING_URI: string | undefined,
  variables: Record<string, string> = {},
  more: Parameters<typeof look>[1] = {},
): Promise<Findings> {
  const environment = { PATH: process.env.PATH, HOME: '/nonexistent', MLFLOW_TRACKING_URI, ...variables };
  return look(ids, { engine: 'host', ...more, environment });
}
