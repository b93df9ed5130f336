import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchEventBody } from '../events.ts';
import { chooseEngine, type EngineChoice } from '../executors/index.ts';
import { findOwnRun } from '../machine/find-own-run.ts';
import { storagesToSearch } from '../machine/known-storages.ts';
import { isRemoteProject } from '../source/index.ts';
import { type DryRun, describeDryRun, type Told } from './describe-dry-run.ts';
import { drawPlan } from './draw-plan.ts';
import { findLaunch } from './find-launch.ts';
import type { LaunchRequest, ResumeRequest } from './request.ts';
import { drawAttempt } from './resume.ts';
import { previewStorage } from './storage.ts';

export type { DryRun } from './describe-dry-run.ts';

/** What a dry run is done with. */
export interface DryRunContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told what must never be shown, as soon as it is known. */
  readonly onSecrets?: (secrets: readonly string[]) => void;
}

/** What is drawn at the launch stands for itself. */
export const drawnLater = { runId: '<run id>', runName: '<drawn name>' } as const;

/**
 * Says what a launch of this request would do, found in the same way and drawn by the same functions. Nothing is made: no
 * run folder, no image, no server; a repository is cloned to a folder that is removed again. Throws what the launch would
 * throw before its program starts.
 */
export async function dryRun(request: LaunchRequest, context: DryRunContext): Promise<DryRun> {
  const { environment, signal } = context;
  const { told, emit } = collector();
  const isRemote = isRemoteProject(request.project);
  const place = isRemote ? process.cwd() : request.project;
  const storage = (): string => previewStorage(request.storage, environment, place);
  const clones = isRemote ? await realpath(await mkdtemp(join(tmpdir(), 'slipway-dry-run-'))) : null;
  try {
    const cloneStorage = clones === null ? {} : { cloneStorage: () => clones };
    const found = await findLaunch(request, { ...context, emit, storage, ...cloneStorage });
    const runName = found.runName ?? drawnLater.runName;
    const plan = drawPlan(found.request, { ...found.facts, runId: drawnLater.runId, runName, createdAtMs: Date.now() });
    const described = await describeDryRun(plan, {
      ...{ environment, signal, told, record: null, configFile: found.configFile },
      ...{ engine: found.engine, requested: request.engine, handed: found.handedOn.variables },
    });
    // The launch would clone to the same place in the storage.
    return clones === null ? described : replacedIn(described, clones, plan.storage.directory);
  } finally {
    if (clones !== null) await rm(clones, { recursive: true, force: true });
  }
}

/** Says what going on with a run would do, as `dryRun` does of a launch. */
export async function dryResume(request: ResumeRequest, context: DryRunContext): Promise<DryRun> {
  const { environment, signal } = context;
  const { wishes, run } = request;
  const { told, emit } = collector();
  const place = isRemoteProject(wishes.project) ? process.cwd() : wishes.project;
  const storages = await storagesToSearch(previewStorage(wishes.storage, environment, place), {
    isOnly: wishes.storage !== null,
    environment,
  });
  const { runId, paths } = await findOwnRun(storages, run);
  const attempt = await drawAttempt(paths.directory, runId, request, { ...context, emit });
  const { plan, record, handedOn } = attempt;
  const engine: EngineChoice = await chooseEngine({ requested: plan.engine, environment, signal });
  return describeDryRun(plan, {
    ...{ environment, signal, told, record, configFile: plan.parameters.config ?? null },
    ...{ engine, requested: plan.engine, handed: handedOn.variables },
  });
}

/** What is told while a launch is planned, but for its steps. */
function collector(): { readonly told: Told[]; readonly emit: (body: LaunchEventBody) => void } {
  const told: Told[] = [];
  const emit = (body: LaunchEventBody): void => {
    if (body.type === 'warning' || body.type === 'notice') told.push(body);
  };
  return { told, emit };
}

/** The value with one text replaced by another wherever it stands. */
function replacedIn<Value>(value: Value, text: string, by: string): Value {
  const escaped = (part: string): string => JSON.stringify(part).slice(1, -1);
  return JSON.parse(JSON.stringify(value).replaceAll(escaped(text), escaped(by))) as Value;
}
