import { callOptions } from './open-server.ts';
import type { DetailedArtifact, DetailSources } from './run-details.ts';

/** A run may have thousands of artifacts: so many are listed, from so many folders. */
const mostArtifacts = 40;
const mostFolders = 12;

/** The first artifacts of a run, folder by folder, and whether there are more. */
export async function readArtifacts(
  runId: string,
  { client, signal }: DetailSources,
): Promise<{ readonly artifacts: readonly DetailedArtifact[]; readonly hasMoreArtifacts: boolean }> {
  const artifacts: DetailedArtifact[] = [];
  let folders = 0;
  let hasMore = false;
  const list = async (folder: string | undefined): Promise<void> => {
    folders += 1;
    const { files } = await client.listArtifacts(runId, folder, callOptions(signal));
    // Pictures of many steps last: what there is one of must not be left out for them.
    const ordered = [...files].sort((one, other) => Number(one.path === 'images') - Number(other.path === 'images'));
    for (const { path, isDirectory, byteLength } of ordered) {
      if (artifacts.length >= mostArtifacts) {
        hasMore = true;
        return;
      }
      artifacts.push({ path, isDirectory, byteLength });
      if (!isDirectory) continue;
      if (folders >= mostFolders) hasMore = true;
      else await list(path);
    }
  };
  await list(undefined);
  return { artifacts, hasMoreArtifacts: hasMore };
}
