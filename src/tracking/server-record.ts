import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { errorCode } from '../errors.ts';
import { giveToGroup, isGroupFolder } from '../util/group-folder.ts';
import { atomicWriteFile } from '../util/index.ts';
import type { TrackingPaths, TrackingServer } from './types.ts';

const recordSchema = z.object({
  uri: z.url(),
  port: z.number().int().min(1).max(65_535),
  kind: z.enum(['docker', 'python']),
  mlflowVersion: z.string(),
  id: z.string(),
  startedAtMs: z.number().int(),
  owner: z.object({ uid: z.number().int(), name: z.string() }).nullable().default(null),
});

/** The recorded server, alive or not; null where none is recorded or the record is no record. */
export async function readServerRecord(paths: TrackingPaths): Promise<TrackingServer | null> {
  let text: string;
  try {
    text = await readFile(paths.record, 'utf8');
  } catch (error) {
    // Whether the folder may be used at all is checked, and told, where it is made.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error) ?? '')) return null;
    throw error;
  }
  return parseRecord(text);
}

/** Records the server that now runs. */
export async function writeServerRecord(paths: TrackingPaths, server: TrackingServer): Promise<void> {
  await atomicWriteFile(paths.record, `${JSON.stringify(server, null, 2)}\n`);
  if (isGroupFolder(paths.directory)) giveToGroup(paths.record);
}

/** Forgets the server. */
export async function removeServerRecord(paths: TrackingPaths): Promise<void> {
  await rm(paths.record, { force: true });
}

/** A damaged record is worth as much as none: the server it spoke of is found by its mark and replaced. */
function parseRecord(text: string): TrackingServer | null {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
