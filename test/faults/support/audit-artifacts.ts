import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openArtifactStore } from '../../../src/artifacts/index.ts';
import type { Run } from '../../../src/mlflow/index.ts';
import type { Scene } from './scene.ts';
import type { WrittenLog } from './written-values.ts';

/** Every artifact that the run log names lies on the server, byte for byte. */
export async function artifactProblems(scene: Scene, directory: string, log: WrittenLog, run: Run): Promise<string[]> {
  const expected = new Map<string, string>();
  for (const { type, path, to } of log.others) {
    if (type !== 'artifact' || scene.row.refusesArtifact?.test(String(path)) === true) continue;
    const file = join(directory, String(path));
    if (!existsSync(file) || !statSync(file).isFile()) continue;
    const name = String(path).split('/').at(-1) ?? '';
    const target = to === undefined ? String(path).replace(/^artifacts\//, '') : `${String(to)}/${name}`;
    expected.set(target, file);
  }
  const problems: string[] = [];
  const store = openArtifactStore(run.info.artifactUri, { client: scene.client });
  const there = new Set((await store.listRecursive()).map(({ path }) => path));
  for (const [target, file] of expected) {
    if (!there.has(target)) {
      problems.push(`the artifact ${target} is not on the server`);
      continue;
    }
    const copy = scene.folder.join('downloaded', run.info.runId, target);
    await store.download(target, copy);
    if (digest(copy) !== digest(file)) problems.push(`the artifact ${target} differs on the server`);
  }
  return problems;
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
