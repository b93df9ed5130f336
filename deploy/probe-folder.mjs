// Looks at a folder and really writes to it: probe-folder.mjs FOLDER
//
// A process of its own, because a system call on a file server that is gone may never return: it is killed and left
// behind. Prints one JSON object a line, each as soon as it is known: {"step": "stat" | "space" | "write", …}; a step that
// the system refuses has its `code`. Leaves nothing in the folder. Exit code 64 without a folder.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdtemp, open, readFile, realpath, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const folder = process.argv[2];
const sampleBytes = 64 * 1024;

const say = (step, facts) => process.stdout.write(`${JSON.stringify({ step, ...facts })}\n`);

async function attempt(step, look) {
  try {
    const facts = await look();
    say(step, facts);
    return facts;
  } catch (error) {
    if (typeof error.code !== 'string') throw error;
    say(step, { code: error.code, operation: error.syscall ?? null });
    return null;
  }
}

/** The folder, or what there is of its path. */
async function lookAt(path, isThere) {
  const { uid, gid, mode } = await stat(path);
  const mayWrite = await access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  const isFolder = (mode & constants.S_IFMT) === constants.S_IFDIR;
  return { path: await realpath(path), isThere, isFolder, uid, gid, mode, mayWrite };
}

/** Nearest part of a path that is there. */
async function nearest(path, isThere = true) {
  try {
    return await lookAt(path, isThere);
  } catch (error) {
    const parent = dirname(path);
    if (error.code !== 'ENOENT' || parent === path) throw error;
    return nearest(parent, false);
  }
}

async function spaceOf(path) {
  const { bavail, blocks, bsize, ffree, files } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: ffree, totalFiles: files };
}

/** As a run writes: a file of its own, flushed to the disk, put in place by rename, and read again. */
async function writeTo(path) {
  const startedAtMs = performance.now();
  const place = await mkdtemp(join(path, '.slipway-doctor-'));
  try {
    const sample = randomBytes(sampleBytes);
    const file = await open(join(place, 'sample.part'), 'wx');
    try {
      await file.writeFile(sample);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(join(place, 'sample.part'), join(place, 'sample'));
    const isSame = sample.equals(await readFile(join(place, 'sample')));
    return { bytes: sampleBytes, isSame, durationMs: Math.round(performance.now() - startedAtMs) };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

if (folder === undefined) {
  process.stderr.write('usage: probe-folder.mjs FOLDER\n');
  process.exitCode = 64;
} else {
  const found = await attempt('stat', () => nearest(folder));
  if (found !== null) {
    await attempt('space', () => spaceOf(found.path));
    if (found.isThere && found.isFolder) await attempt('write', () => writeTo(found.path));
  }
}
