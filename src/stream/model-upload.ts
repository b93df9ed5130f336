import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore } from '../artifacts/index.ts';
import type { LogEntry, ModelEvent } from '../runlog/index.ts';
import { resolveInRunDirectory } from '../runlog/index.ts';
import { forEachLimit } from '../util/for-each-limit.ts';
import { atomicWriteFile, sha256 } from '../util/index.ts';
import { eventIdentity } from './event-identity.ts';
import type { LaneContext } from './lane-context.ts';
import { completeMlModel } from './ml-model-file.ts';
import { planFolder } from './upload-files.ts';

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
  await forEachLimit(others, uploadConcurrency, async ({ file, to }) => {
    await put(file, to);
  });

  // As it was found among the files that may be uploaded: a link out of the run folder is not.
  const mlModelFile = uploads.find(({ to }) => to === mlModelPath)?.file;
  if (mlModelFile === undefined) {
    warn(`Model "${event.name}" has no MLmodel file: it can be downloaded, but MLflow cannot load it.`);
    return null;
  }
  const mlModelText = await readFile(mlModelFile, 'utf8');
  const sizes = await Promise.all(others.map(async ({ file }) => (await stat(file)).size));
  const text = completeMlModel(mlModelText, {
    runId: options.mlflowRunId,
    modelId: target.modelId,
    artifactPath: target.artifactPath,
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    createdAtMs: Math.floor((await stat(mlModelFile)).mtimeMs),
    uuid: sha256(eventIdentity(options.mlflowRunId, entry)).slice(0, 32),
  });
  const completed = join(paths.sync, `${entry.writer}-${entry.offset}.MLmodel`);
  // By rename: a link that the program put there is replaced, not followed.
  await atomicWriteFile(completed, text);
  try {
    await put(completed, mlModelPath);
  } finally {
    await rm(completed, { force: true });
  }
  return text;
}
