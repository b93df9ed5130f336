import { SlipwayError } from '../errors.ts';
import { asSentence } from '../util/as-sentence.ts';
import { callOptions } from './open-server.ts';
import type { DetailedArtifact, DetailSources, RunDetails } from './run-details.ts';

/** A run may have thousands of artifacts: so many are listed, from so many folders. */
const mostArtifacts = 200;
const mostFolders = 12;

type ListedArtifacts = Pick<RunDetails, 'artifacts' | 'hasMoreArtifacts' | 'artifactsProblem'>;

/**
 * The first artifacts of a run, what lies at the top before what lies in folders, and whether there are more. They lie in
 * a store of their own, which may be away while the server answers: then what was listed before is given, and why that
 * is not all.
 */
export async function readArtifacts(runId: string, sources: DetailSources): Promise<ListedArtifacts> {
  const artifacts: DetailedArtifact[] = [];
  try {
    return { artifacts, hasMoreArtifacts: await addArtifacts(artifacts, runId, sources), artifactsProblem: null };
  } catch (error) {
    sources.signal.throwIfAborted();
    if (!(error instanceof SlipwayError)) throw error;
    return { artifacts, hasMoreArtifacts: true, artifactsProblem: asSentence(error.message) };
  }
}

/** Adds artifacts to a list as they are told. Resolves with whether there are more. */
async function addArtifacts(
  artifacts: DetailedArtifact[],
  runId: string,
  { client, signal }: DetailSources,
): Promise<boolean> {
  const folders: (string | undefined)[] = [undefined];
  for (let read = 0; read < folders.length; read += 1) {
    if (read >= mostFolders) return true;
    const { files } = await client.listArtifacts(runId, folders[read], callOptions(signal));
    for (const { path, isDirectory, byteLength } of files) {
      if (artifacts.length >= mostArtifacts) return true;
      artifacts.push({ path, isDirectory, byteLength });
      if (isDirectory) folders.push(path);
    }
  }
  return false;
}
