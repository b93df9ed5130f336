import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { LogEntry } from '../runlog/index.ts';
import { sha256 } from '../util/index.ts';
import { type LaneContext, singleCall } from './lane-context.ts';
import { artifactPath } from './upload-files.ts';

const tablesTag = 'mlflow.loggedArtifacts';
const imagesTag = 'mlflow.loggedImages';
/** MLflow's UI shows no larger table. */
const largestTableBytes = 50 * 1024 * 1024;

const tableFile = z.object({ columns: z.array(z.unknown()), data: z.array(z.array(z.unknown())) });
const tablesTagValue = z.array(z.object({ path: z.string(), type: z.string() }));

/** The artifact path of a table; of several steps the last one holds, as `log_table` overwrites. */
export function tablePath(key: string): string {
  return artifactPath(key.endsWith('.json') ? key : `${key}.json`);
}

/** Throws UsageError unless the file is what MLflow shows as a table: pandas' "split" form. */
export async function checkTable(file: string): Promise<void> {
  const { size } = await stat(file);
  if (size > largestTableBytes) throw new UsageError(`A table of ${size} bytes is too large to be shown.`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError('The table is no JSON file.', { cause: error });
  }
  if (tableFile.safeParse(value).success) return;
  throw new UsageError('The table is not of the form {"columns": […], "data": [[…], …]}.');
}

/** Adds a table to the tag by which MLflow's UI finds tables. */
export async function tagTable(context: LaneContext, path: string): Promise<void> {
  const { options, persistence, signal } = context;
  await persistence.keepTrying(async () => {
    const run = await options.client.getRun(options.mlflowRunId, singleCall(signal));
    const tables = parseTables(run.data.tags[tablesTag]);
    if (tables.some((table) => table.path === path)) return;
    const value = JSON.stringify([...tables, { path, type: 'table' }]);
    await options.client.setTag(options.mlflowRunId, tablesTag, value, singleCall(signal));
  }, signal);
}

/** Says that the run has pictures to be shown with a slider over the steps. */
export async function tagImages(context: LaneContext): Promise<void> {
  const { options, persistence, signal } = context;
  await persistence.keepTrying(
    () => options.client.setTag(options.mlflowRunId, imagesTag, 'True', singleCall(signal)),
    signal,
  );
}

/**
 * The two artifact paths of a picture, as `log_image` of MLflow names them: the picture, and the copy that the UI
 * loads. The UUID comes from the event, so that a repeated upload replaces the first.
 */
export function imagePaths(
  image: { readonly key: string; readonly step: number; readonly time_ms: number; readonly path: string },
  entry: LogEntry,
): { readonly full: string; readonly shown: string } {
  const digest = sha256(`${entry.writer}:${entry.offset}`);
  const uuid = digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  // The UI turns "~" back into "/".
  const stem = `images/${image.key.replaceAll('/', '~')}+step+${image.step}+timestamp+${image.time_ms}+${uuid}`;
  return {
    full: artifactPath(`${stem}${extname(image.path) || '.png'}`),
    shown: artifactPath(`${stem}+compressed.webp`),
  };
}

function parseTables(text: string | undefined): z.infer<typeof tablesTagValue> {
  if (text === undefined) return [];
  try {
    return tablesTagValue.safeParse(JSON.parse(text)).data ?? [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
