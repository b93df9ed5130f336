import { callOptions } from './open-server.ts';
import type { DetailedArtifact, DetailSources } from './run-details.ts';

/** A run may have thousands of artifacts: so many are listed, from so many folders. */
const mostArtifacts = 200;
const mostFolders = 12;

/** The first artifacts of a run, what lies at the top before what lies in folders, and whether there are more. */
export async function readArtifacts(
  runId: string,
  { client, signal }: DetailSources,
): Promise<{ readonly artifacts: readonly DetailedArtifact[]; readonly hasMoreArtifacts: boolean }> {
  const artifacts: DetailedArtifact[] = [];
  const folders: (string | undefined)[] = [undefined];
  for (let read = 0; read < folders.length; read += 1) {
    if (read >= mostFolders) return { artifacts, hasMoreArtifacts: true };
    const { files } = await client.listArtifacts(runId, folders[read], callOptions(signal));
    for (const { path, isDirectory, byteLength } of files) {
      if (artifacts.length >= mostArtifacts) return { artifacts, hasMoreArtifacts: true };
      artifacts.push({ path, isDirectory, byteLength });
      if (isDirectory) folders.push(path);
    }
  }
  return { artifacts, hasMoreArtifacts: false };
}
