import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore } from '../artifacts/index.ts';
import { errorCode } from '../errors.ts';
import type { LogEntry, ModelEvent } from '../runlog/index.ts';
import { resolveInRunDirectory } from '../runlog/index.ts';
import { sha256 } from '../util/index.ts';
import { eventIdentity } from './event-identity.ts';
import type { LaneContext } from './lane-context.ts';
import { completeMlModel } from './ml-model-file.ts';
import { forEachConcurrently, planFolder } from './upload-files.ts';

/** Connections that upload at the same time; a server of one process gains nothing from more. */
export const uploadConcurrency = 4;

export interface ModelTarget {
  readonly store: ArtifactStore;
  /** Folder below the store's root; empty for the root itself. */
  readonly folder: string;
  readonly modelId: string | null;
  /** For the MLmodel file. */
  readonly artifactPath: string;
}

/** Uploads a model's folder, its MLmodel completed on the way and last of all. Returns the MLmodel's text, or null. */
export async function uploadModel(
  context: LaneContext,
  event: ModelEvent,
  entry: LogEntry,
  target: ModelTarget,
): Promise<string | null> {
  const { options, paths, persistence, signal, warn } = context;
  const folder = await resolveInRunDirectory(options.runDirectory, event.path);
  const { uploads, problems } = await planFolder(options.runDirectory, folder, target.folder);
  for (const problem of problems) warn(`Model "${event.name}": ${problem}; it is left out.`);
  const put = (file: string, to: string) =>
    persistence.keepTrying(() => target.store.upload(file, to, { signal }), signal);
  const mlModelPath = target.folder === '' ? 'MLmodel' : `${target.folder}/MLmodel`;
  const others = uploads.filter(({ to }) => to !== mlModelPath);
  await forEachConcurrently(others, uploadConcurrency, async ({ file, to }) => {
    await put(file, to);
  });

  const mlModel = await readMlModel(join(folder, 'MLmodel'));
  if (mlModel === null) {
    warn(`Model "${event.name}" has no MLmodel file: it can be downloaded, but MLflow cannot load it.`);
    return null;
  }
  const sizes = await Promise.all(others.map(async ({ file }) => (await stat(file)).size));
  const text = completeMlModel(mlModel.text, {
    runId: options.mlflowRunId,
    modelId: target.modelId,
    artifactPath: target.artifactPath,
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    createdAtMs: mlModel.writtenAtMs,
    uuid: sha256(eventIdentity(options.mlflowRunId, entry)).slice(0, 32),
  });
  const completed = join(paths.sync, `${entry.writer}-${entry.offset}.MLmodel`);
  await writeFile(completed, text);
  try {
    await put(completed, mlModelPath);
  } finally {
    await rm(completed, { force: true });
  }
  return text;
}

async function readMlModel(path: string): Promise<{ text: string; writtenAtMs: number } | null> {
  try {
    return { text: await readFile(path, 'utf8'), writtenAtMs: Math.floor((await stat(path)).mtimeMs) };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
