import { UsageError } from '../errors.ts';
import { runOfContainer } from './list-machine.ts';
import { type Removed, removeContainers } from './remove-run.ts';
import { type FoundContainers, isAtWork, type RunContainer } from './run-containers.ts';
import { currentSelf } from './self.ts';

/**
 * Containers of this user's whose run folder is gone, by the run's id or its start. Throws UsageError where several runs
 * are meant.
 */
export async function findRemains(
  text: string,
  { containers }: FoundContainers,
  storages: readonly string[],
): Promise<RunContainer[]> {
  const self = currentSelf();
  const meant = containers.filter(({ runId, ownerUid }) => ownerUid === self.uid && runId.startsWith(text));
  const runIds = [...new Set(meant.map(({ runId }) => runId))];
  if (runIds.length > 1 && !runIds.includes(text)) {
    throw new UsageError(`"${text}" means several runs: ${runIds.join(', ')}.`, {
      hint: 'Give more characters of the id.',
    });
  }
  const orphaned: RunContainer[] = [];
  for (const container of meant) {
    if (runIds.length > 1 && container.runId !== text) continue;
    if ((await runOfContainer(container, storages)).isGone) orphaned.push(container);
  }
  return orphaned;
}

/** Removes containers without a run folder. Throws UsageError where a program is at work in one, unless by force. */
export async function removeRemains(
  remains: readonly RunContainer[],
  { engine }: Pick<FoundContainers, 'engine'>,
  force: boolean,
): Promise<Removed> {
  const runId = remains[0]?.runId ?? '';
  if (!force && remains.some(isAtWork)) {
    throw new UsageError(`The container of run ${runId} is at work, though its run folder is gone.`, {
      hint: `To end and remove it: \`slipway rm --force ${runId}\``,
    });
  }
  return { runId, runName: null, bytes: 0, containers: await removeContainers(remains, engine) };
}
