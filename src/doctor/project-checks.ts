import { readdir, stat } from 'node:fs/promises';
import { UsageError } from '../errors.ts';
import { loadProject } from '../project/index.ts';
import { describeSource } from '../source/index.ts';
import { findTopLevel } from '../source/repository.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { broken, byHand, type Check, fine, type Outcome, sentenceOf, skipped, warning } from './check.ts';
import type { DoctorContext } from './context.ts';

const mlproject = 'project.mlproject';

/** What is to run, and whether a run of it could be had again. */
export const projectChecks: readonly Check[] = [
  { id: mlproject, group: 'project', title: 'MLproject', run: readProject },
  { id: 'project.commit', group: 'project', title: 'commit', needs: [mlproject], run: findCommit },
];

async function readProject({ projectDirectory }: DoctorContext): Promise<Outcome> {
  const names = await readdir(projectDirectory);
  if (!names.some((name) => name.toLowerCase() === 'mlproject')) {
    return skipped(`There is none in ${projectDirectory}`, {
      blocks: 'there is no MLproject',
    });
  }
  try {
    const { name, file, entryPoints, warnings } = await loadProject(projectDirectory);
    const facts = { name, file, entryPoints: Object.keys(entryPoints), warnings };
    if (warnings.length > 0) return warning(`${name}: ${warnings.join(' ').replace(/\.$/, '')}`, { facts });
    return fine(name, facts);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return broken(sentenceOf(error), { blocks: 'the MLproject cannot be read' });
  }
}

async function findCommit({ projectDirectory, user }: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  try {
    const { commit, branch, dirty, changedFiles, unversioned } = await describeSource(projectDirectory, { signal });
    const facts = { commit, branch, changedFiles };
    if (commit === null) {
      const why = (unversioned ?? 'There is no commit').replace(/\.$/, '');
      return warning(`${why}: a run of it could not be had again`, { facts });
    }
    const changes = dirty ? `, with changes in ${changedFiles} ${changedFiles === 1 ? 'file' : 'files'}` : '';
    return fine(`${commit.slice(0, 12)}${branch === null ? '' : ` on ${branch}`}${changes}`, facts);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const topLevel = await findTopLevel(projectDirectory);
    if (topLevel === null || (await stat(topLevel)).uid === user.uid) return broken(sentenceOf(error));
    const mend = byHand(`git config --global --add safe.directory ${quoteForShell(topLevel)}`);
    return broken(error.message.replace(/\.$/, ''), { mend, facts: { topLevel } });
  }
}
