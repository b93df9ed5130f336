import { formatAge, sha256 } from '../src/util/index.ts';
import { type Dataset, type Split, splitNames } from './data/dataset.ts';
import type { LayersModel } from './tensorflow/library.ts';
import { checkConfiguration, checkData, checkFrozen, machineDifference } from './training/checkpoints/check-facts.ts';
import { CheckpointFolder, type StoredCheckpoint } from './training/checkpoints/checkpoint-folder.ts';
import type { CheckpointSubject } from './training/checkpoints/checkpoints.ts';
import { frozenDigest } from './training/checkpoints/network-state.ts';
import type { TrainingRun } from './training-run.ts';

/**
 * The checkpoint from which a run goes on; null for a run that begins, and for one that was interrupted before its first
 * checkpoint. Throws UsageError where the run was begun with other parameters.
 */
export async function findCheckpoint({
  configuration,
  environment,
  folder,
  line,
  warn,
}: TrainingRun): Promise<StoredCheckpoint | null> {
  if (!environment.resume) return null;
  const checkpoints = new CheckpointFolder(folder.checkpoints);
  await checkpoints.clean();
  const found = await checkpoints.newest((text) => warn(`warning: ${text}`));
  if (found === null) {
    line('The run was interrupted before its first checkpoint: it begins again.');
    return null;
  }
  checkConfiguration(found.document.configuration, configuration.flattened);
  const { history, begun, written_at_ms: writtenAtMs } = found.document;
  const within = begun === null ? '' : ` and step ${begun.steps} of epoch ${history.length + 1}`;
  line(
    `Goes on after epoch ${history.length}${within}, from the checkpoint of ${formatAge(Date.now() - writtenAtMs)} ago.`,
  );
  return found;
}

/** What must be the same when a run goes on, as far as it is known before there is a network. */
type DataFacts = Omit<CheckpointSubject['facts'], 'frozen_sha256'>;

/** 32 hexadecimal digits that identify the samples of a part, their order and their labels. */
function labelledDigest({ digest, ids, labels }: Split): string {
  return sha256(JSON.stringify([digest, ids, [...labels]])).slice(0, 32);
}

/** What a checkpoint holds of a run besides its state. */
export function checkpointFacts(
  { configuration }: TrainingRun,
  { splits }: Dataset,
  { threads, device }: Pick<DataFacts, 'threads' | 'device'>,
): DataFacts {
  const data = Object.fromEntries(splitNames.map((name) => [name, labelledDigest(splits[name])]));
  return { configuration: configuration.flattened, data: data as DataFacts['data'], threads, device };
}

/** Throws UsageError where the data are no longer those of the checkpoint, and says where the machine is another. */
export function checkGoingOn(
  { warn }: TrainingRun,
  { document }: StoredCheckpoint,
  facts: DataFacts,
  { origin }: Dataset,
): void {
  checkData(document.data, facts.data, origin.description);
  const difference = machineDifference(document, facts);
  if (difference !== null) warn(`warning: ${difference}`);
}

/** What a checkpoint holds of the network besides its state. Throws UsageError where it is no longer that of the checkpoint. */
export async function networkFacts(
  { configuration }: TrainingRun,
  model: LayersModel,
  from: StoredCheckpoint | null,
): Promise<Pick<CheckpointSubject['facts'], 'frozen_sha256'>> {
  const digest = await frozenDigest(model);
  if (from !== null) checkFrozen(from.document.frozen_sha256, digest, configuration.modelBuilder.name);
  return { frozen_sha256: digest };
}
