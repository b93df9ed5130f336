import { randomBytes } from 'node:crypto';
import { DockerApiError } from '../docker/index.ts';
import { formatDuration } from '../util/format.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { broken, byHand, type Check, fine, type Outcome, skipped, unchecked, warning } from './check.ts';
import type { DoctorContext } from './context.ts';
import { judgeSpace } from './disk-space.ts';
import { safeCommand } from './mend-commands.ts';
import { fileSystemKind, findMountPoint } from './mount-points.ts';
import { runContainer } from './run-container.ts';
import { connectedEngine, imageAtHand } from './shared-parts.ts';
import { isRefused, storageProbe } from './storage-probe.ts';
import { nameOfUser } from './user-names.ts';

const group = 'storage';
const folder = 'storage.folder';
const writable = 'storage.writable';

/** Each run keeps some hundred files. */
const fewFiles = 10_000;
const tooFewFiles = 500;

/** The folder for data and runs. */
export const storageChecks: readonly Check[] = [
  { id: folder, group, title: 'folder', run: findFolder },
  { id: 'storage.filesystem', group, title: 'file system', needs: [folder], run: judgeFileSystem },
  { id: 'storage.space', group, title: 'space', needs: [folder], run: spaceLeft },
  { id: writable, group, title: 'writable', needs: [folder], run: reallyWrites },
  { id: 'storage.owner', group, title: 'owner', needs: [folder], run: compareOwner },
  {
    id: 'storage.container',
    group,
    title: 'in a container',
    needs: [writable, 'engine.reachable', 'engine.container'],
    timeoutMs: 60_000,
    run: writesFromContainer,
  },
];

async function findFolder(context: DoctorContext): Promise<Outcome> {
  const directory = context.storageDirectory;
  const { stat, isSilent } = await storageProbe(context);
  const facts = { directory };
  if (isSilent) {
    const text = `The file system of ${directory} does not answer: is it a file server that is gone?`;
    return broken(text, { facts, blocks: 'its file system does not answer' });
  }
  if (stat === null || isRefused(stat)) {
    const text = `${directory} cannot be looked at (${stat?.code ?? 'unknown reason'})`;
    return broken(text, { facts, blocks: 'the folder cannot be looked at' });
  }
  if (!stat.isFolder) {
    const text = `${stat.path} is not a folder: name one with --storage`;
    return broken(text, { facts, blocks: 'there is no folder' });
  }
  if (stat.isThere) return fine(directory, { ...facts, realPath: stat.path });
  if (!stat.mayWrite) {
    const mend = byHand(`sudo install -d -o "$(id -u)" -g "$(id -g)" ${quoteForShell(directory)}`);
    const text = `${directory} is not there, and this user may not make it in ${stat.path}`;
    return broken(text, { mend, facts, blocks: 'the folder is not there' });
  }
  const mend = safeCommand(['mkdir', '-p', directory]);
  return warning(`${directory} is not there yet; the first run makes it`, { mend, facts });
}

async function judgeFileSystem(context: DoctorContext): Promise<Outcome> {
  const { stat } = await storageProbe(context);
  const mount = stat === null || isRefused(stat) ? null : await findMountPoint(stat.path);
  if (mount === null) return skipped('The kernel does not tell it');
  const { type, source, directory } = mount;
  const facts = { type, source, mountedAt: directory, isReadOnly: mount.isReadOnly };
  const name = source === type ? type : `${type} on ${source}`;
  const hasOwnServer = !context.environment.MLFLOW_TRACKING_URI;
  switch (fileSystemKind(type)) {
    case 'network':
      if (!hasOwnServer) return fine(`${name}, over the network`, facts);
      return warning(
        `${name}: over the network, where the database of the tracking server that comes with Slipway is not safe. Name a server, or a storage on a disk of this machine`,
        { facts, mend: byHand('export MLFLOW_TRACKING_URI=http://…') },
      );
    case 'fuse':
      return warning(`${name}: a file system of a user program, which may lack locks or owners`, { facts });
    case 'memory':
      return warning(`${name}: in memory; data and runs are gone when this machine stops`, { facts });
    case 'container':
      return warning(`${name}: the layer of a container; data and runs go with it. Mount a folder there`, { facts });
    case 'local':
      return fine(name, facts);
  }
}

async function spaceLeft(context: DoctorContext): Promise<Outcome> {
  const { space } = await storageProbe(context);
  if (space === null || isRefused(space)) return broken(`What is left cannot be told (${space?.code ?? 'no answer'})`);
  const { freeFiles, totalFiles, freeBytes, totalBytes } = space;
  const outcome = judgeSpace(space, 'there', { text: 'free some, or name another folder with --storage' });
  const facts = { freeBytes, totalBytes, freeFiles, totalFiles };
  // Some file systems have no fixed number of files and say 0.
  if (totalFiles > 0 && freeFiles < fewFiles && outcome.status !== 'broken') {
    const text = `Room for ${freeFiles} more files only (inodes): remove some, or name another folder with --storage`;
    return (freeFiles < tooFewFiles ? broken : warning)(text, { facts });
  }
  return { ...outcome, facts };
}

async function reallyWrites(context: DoctorContext): Promise<Outcome> {
  const { write, stat } = await storageProbe(context);
  const directory = context.storageDirectory;
  if (write === null) return unchecked('the folder is not there yet');
  if (!isRefused(write)) {
    if (!write.isSame) return broken(`What was written to ${directory} was not what was read from it again`);
    const { durationMs } = write;
    return fine(`A file was written, flushed, read and removed in ${formatDuration(durationMs)}`, { durationMs });
  }
  const facts = { code: write.code, operation: write.operation };
  const place = quoteForShell(directory);
  switch (write.code) {
    case 'EROFS': {
      const mount = stat === null || isRefused(stat) ? null : await findMountPoint(stat.path);
      const mend = mount === null ? null : byHand(`sudo mount -o remount,rw ${quoteForShell(mount.directory)}`);
      return broken(`${directory} is mounted read-only`, { facts, mend });
    }
    case 'EACCES':
    case 'EPERM':
      return broken(`This user may not write to ${directory}`, {
        facts,
        mend: byHand(`sudo chown "$(id -u)" ${place}`),
      });
    case 'ENOSPC':
    case 'EDQUOT': {
      const what = write.code === 'EDQUOT' ? "this user's share of the disk is used up" : 'the disk is full';
      return broken(`Nothing can be written to ${directory}: ${what}`, { facts });
    }
    default:
      return broken(`Writing to ${directory} failed (${write.code} in ${write.operation ?? 'a file'})`, { facts });
  }
}

async function compareOwner(context: DoctorContext): Promise<Outcome> {
  const { stat } = await storageProbe(context);
  if (stat === null || isRefused(stat) || !stat.isThere) return unchecked('the folder is not there yet');
  const { uid, gid } = context.user;
  const owner = await nameOfUser(stat.uid);
  const facts = { ownerUid: stat.uid, ownerGid: stat.gid, mode: (stat.mode & 0o7777).toString(8), uid, gid };
  if (stat.uid === uid) return fine(`It belongs to this user, ${owner}`, facts);
  const others = `It belongs to ${owner}; files of your runs will belong to ${await nameOfUser(uid)}`;
  return uid === 0 ? warning(others, { facts }) : fine(others, facts);
}

/** The owner counts inside a container, the further groups of a user do not; and an engine may give users other numbers. */
async function writesFromContainer(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  const [engine, image] = await Promise.all([connectedEngine(context), imageAtHand(context)]);
  if (image === null) return skipped('There is no image to start a container of');
  const { uid, gid } = context.user;
  try {
    const name = `/storage/.slipway-doctor-${randomBytes(6).toString('hex')}`;
    const { exitCode, output } = await runContainer(
      engine,
      {
        image: image.id,
        command: ['/bin/sh', '-c', 'echo sample > "$FILE" && cat "$FILE" && rm "$FILE"'],
        environment: { FILE: name },
        mounts: [{ source: context.storageDirectory, target: '/storage' }],
      },
      context,
      signal,
    );
    const facts = { image: image.reference, exitCode, uid, gid };
    if (exitCode === 0) return fine(`A file was written from a container, as user ${uid}:${gid}`, facts);
    return broken(`A container, as user ${uid}:${gid}, may not write to it: ${output}`, {
      facts,
      mend: byHand(`sudo chown "$(id -u):$(id -g)" ${quoteForShell(context.storageDirectory)}`),
    });
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    return broken(`The engine cannot mount it: ${error.reason}`, { facts: { image: image.reference } });
  }
}
