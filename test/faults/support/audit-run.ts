import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Run } from '../../../src/mlflow/index.ts';
import { artifactProblems } from './audit-artifacts.ts';
import { compareValues } from './compare-values.ts';
import type { ExpectedEnd } from './row.ts';
import type { Scene } from './scene.ts';
import { runsOfId, valuesOnServer } from './server-values.ts';
import { readWritten, type WrittenLog } from './written-values.ts';

/** What a run came to, and which of the promises that hold for every row it broke. */
export interface AuditedRun {
  readonly runId: string;
  readonly directory: string;
  /** `state.json` as it stands; null where there is none. */
  readonly state: Readonly<Record<string, unknown>> | null;
  readonly plan: Readonly<Record<string, unknown>>;
  readonly serverRun: Run | null;
  readonly log: WrittenLog;
  /** Values in the run log, those that a server must refuse included. */
  readonly written: number;
  readonly onServer: number;
  readonly doubles: number;
  readonly problems: readonly string[];
}

const longestReasonTag = 2000;

/** Compares a run's folder with what the server has of it. */
export async function auditRun(scene: Scene, directory: string): Promise<AuditedRun> {
  const { row } = scene;
  const runId = basename(directory);
  const log = await readWritten(scene.eventsOf(directory));
  const state = readJson(join(directory, 'state.json'));
  const plan = readJson(join(scene.keptOf(directory), 'plan.json')) ?? {};
  const found = row.ends.status === null ? [] : await runsOfId(scene.client, runId);
  const [serverRun = null, ...ghosts] = found;
  const problems: string[] = [];
  if (ghosts.length > 0) problems.push(`${found.length} runs on the server carry the id ${runId}`);
  if (serverRun === null && row.ends.status !== null) problems.push('the run is not on the server');

  const values = serverRun === null ? new Map<string, number>() : await valuesOnServer(scene.client, serverRun);
  const compared = compareValues(log.metrics, values, row.refuses);
  if (row.ends.status !== null) problems.push(...compared.problems);

  problems.push(...endProblems(row.ends, state, serverRun));
  if (serverRun !== null) {
    problems.push(...labelProblems(log, plan, serverRun));
    problems.push(...(await artifactProblems(scene, directory, log, serverRun)));
  }
  return {
    runId,
    directory,
    state,
    plan,
    serverRun,
    log,
    written: log.metrics.length,
    onServer: [...values.values()].reduce((sum, count) => sum + count, 0),
    doubles: compared.doubles + ghosts.length,
    problems,
  };
}

/** The terminal status and its reason, in the folder and on the server. */
function endProblems(ends: ExpectedEnd, state: AuditedRun['state'], run: Run | null): string[] {
  const problems: string[] = [];
  const miss = (what: string, is: unknown, expected: unknown): void => {
    problems.push(`${what} is ${JSON.stringify(is)}, and should be ${String(expected)}`);
  };
  const reason = state?.reason ?? null;
  if (state !== null && ends.isFolderLost !== true) {
    if (ends.status !== null && state.state !== ends.status.toLowerCase())
      miss('the state in the folder', state.state, ends.status.toLowerCase());
    if (ends.reason === undefined ? reason !== null : !ends.reason.test(String(reason)))
      miss('the reason in the folder', reason, ends.reason ?? 'none');
  }
  if (run === null || ends.status === null) return problems;
  if (run.info.status !== ends.status) miss('the status on the server', run.info.status, ends.status);
  if (run.info.endTimeMs === null) problems.push('the run has no end time on the server');
  const shown = run.data.tags['slipway.reason'];
  if (ends.reason === undefined ? shown !== undefined : !ends.reason.test(shown ?? ''))
    miss('the tag slipway.reason', shown, ends.reason ?? 'not there');
  if (
    ends.isFolderLost !== true &&
    typeof reason === 'string' &&
    shown !== undefined &&
    reason.length < longestReasonTag &&
    shown !== reason
  )
    miss('the tag slipway.reason', shown, `what the folder says: ${reason}`);
  for (const [key, pattern] of Object.entries(ends.tags ?? {})) {
    const value = run.data.tags[key];
    if (value === undefined || !pattern.test(value)) miss(`the tag ${key}`, value, pattern);
  }
  return problems;
}

/** Params as first written, tags as last written. The note is written anew at the end. */
function labelProblems(log: WrittenLog, plan: AuditedRun['plan'], { data }: Run): string[] {
  const params = new Map(Object.entries((plan.parameters ?? {}) as Record<string, string>));
  const tags = new Map<string, string>();
  for (const { type, key, value } of log.others) {
    if (type === 'param' && !params.has(String(key))) params.set(String(key), String(value));
    if (type === 'tag' && key !== 'mlflow.note.content') tags.set(String(key), String(value));
  }
  const missing = (kind: string, written: Map<string, string>, there: Readonly<Record<string, string>>): string[] =>
    [...written]
      .filter(([key, value]) => there[key] !== value)
      .map(([key, value]) => `the ${kind} ${key} is ${JSON.stringify(there[key])} on the server, not ${value}`);
  return [...missing('param', params, data.params), ...missing('tag', tags, data.tags)];
}

export function readJson(file: string): Readonly<Record<string, unknown>> | null {
  if (!existsSync(file)) return null;
  return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
}
