import { existsSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import type { LaunchEventBody } from '../events.ts';
import { chooseEngine } from '../executors/index.ts';
import { describeContext } from '../image/index.ts';
import type { RunPlan, RunRecord } from '../runs/index.ts';
import { describeSource } from '../source/index.ts';
import { quoteForShell } from '../util/index.ts';

interface CodeContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly emit: (body: LaunchEventBody) => void;
}

/**
 * Checks that what a run goes on with is what it ran: the image of its earlier attempts, or where that is gone, and on the
 * host, the files of the project.
 * Throws UsageError that names both, UnavailableError where there is no engine.
 */
export async function checkSameCode(plan: RunPlan, image: RunRecord['image'], context: CodeContext): Promise<void> {
  const { environment, signal, emit } = context;
  if (plan.engine === 'host') {
    await checkFiles(plan, 'It runs from that folder');
    return;
  }
  const { docker } = await chooseEngine({ requested: 'docker', environment, signal });
  if (image !== null && docker !== undefined && (await docker.inspectImage(image.id, { signal })) !== null) return;
  await checkFiles(plan, `Its image ${plan.image.reference} must be built again`);
  if (image !== null) emit({ type: 'warning', text: `The image ${image.name} is gone, and is built again.` });
}

/** The commit and the digest of the tree must be those of the plan. */
async function checkFiles({ project, source, storage, runName }: RunPlan, why: string): Promise<void> {
  const { directory } = project;
  if (!existsSync(directory)) {
    throw new UsageError(`The folder ${directory} of the run ${runName} is gone.`, {
      hint: `${why}: bring it back${source.commit === null ? '' : ` at commit ${source.commit.slice(0, 12)}`}.`,
    });
  }
  const now = await describeSource(directory);
  const isClean = now.commit !== null && !now.dirty;
  const treeHash = isClean ? null : (await describeContext(directory, { exclude: [storage.directory] })).treeHash;
  if (now.commit === source.commit && treeHash === source.treeHash) return;
  const folder = quoteForShell(directory);
  const commit = source.commit?.slice(0, 12);
  throw new UsageError(
    `The run ${runName} was launched from ${codeName(source)}, but ${directory} is ${codeName({ ...now, treeHash })} now.`,
    {
      hint:
        commit === undefined || source.dirty
          ? `${why}: bring its files back as they were, or launch a run of its own.`
          : `${why}: \`git -C ${folder} stash -u; git -C ${folder} checkout ${commit}\``,
    },
  );
}

function codeName({ commit, treeHash }: { readonly commit: string | null; readonly treeHash: string | null }): string {
  const tree = treeHash === null ? '' : `files ${treeHash.slice(0, 12)}`;
  if (commit === null) return `${tree} outside git`;
  return `commit ${commit.slice(0, 12)}${tree === '' ? '' : ` with changes (${tree})`}`;
}
