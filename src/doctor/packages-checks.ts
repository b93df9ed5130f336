import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, errorMessage } from '../errors.ts';
import { packageRoot } from '../util/package-root.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { broken, byHand, type Check, fine, type Mend, type Outcome, skipped, warning } from './check.ts';
import { compareLocks, type Lock, type LockDifference, lockSchema } from './compare-lock.ts';
import type { DoctorContext } from './context.ts';
import { isThere } from './host-libraries.ts';
import { runEngine } from './shared-parts.ts';

const group = 'packages';
const manifest = 'packages.manifest';
const installed = 'packages.installed';

/** The npm packages of the project. */
export const packagesChecks: readonly Check[] = [
  { id: manifest, group, title: 'package.json', run: readManifest },
  { id: installed, group, title: 'match the lock', needs: [manifest], run: compareWithLock },
  { id: 'packages.files', group, title: 'are whole', needs: [installed], run: lookAtFolders },
];

async function readManifest({ projectDirectory }: DoctorContext): Promise<Outcome> {
  const file = join(projectDirectory, 'package.json');
  try {
    const parsed = await readJson(file, z.object({ name: z.string().nullish(), version: z.string().nullish() }));
    if (parsed === null) return skipped(`None in ${projectDirectory}: no npm packages are needed`);
    return fine(`${parsed.name ?? projectDirectory} ${parsed.version ?? ''}`.trim(), { file });
  } catch (error) {
    return broken(`${file} cannot be read: ${errorMessage(error)}`, { facts: { file } });
  }
}

async function compareWithLock(context: DoctorContext): Promise<Outcome> {
  const { projectDirectory } = context;
  const lockFile = join(projectDirectory, 'package-lock.json');
  const modules = join(projectDirectory, 'node_modules');
  const mend = installation(context);
  let locked: Lock | null;
  let present: Lock | null;
  try {
    locked = await readJson(lockFile, lockSchema);
    present = await readJson(join(modules, '.package-lock.json'), lockSchema);
  } catch (error) {
    return broken(`The lock of the packages cannot be read: ${errorMessage(error)}`, { mend });
  }
  if (present === null) return await notInstalled(context, await isThere(modules));
  if (locked === null) {
    return warning('There is no package-lock.json: the next installation may bring other versions');
  }
  if (locked.packages == null) return skipped('Not compared: package-lock.json is of a form older than npm 7');
  return judge(compareLocks(locked, present), Object.keys(present.packages ?? {}).length, context);
}

async function notInstalled(context: DoctorContext, hasFolder: boolean): Promise<Outcome> {
  if (hasFolder) return skipped('Not compared: node_modules was installed by another than npm');
  const text = 'node_modules is not there: the packages are not installed';
  if (await isNeededHere(context)) return broken(text, { mend: installation(context) });
  return skipped('None are installed here; a run in Docker has its own, in the image');
}

async function judge(difference: LockDifference, count: number, context: DoctorContext): Promise<Outcome> {
  const { missing, other, extra, withoutDevelopment } = difference;
  const facts = { ...difference, count };
  const parts = [
    ...(missing.length > 0 ? [`${named(missing)} missing`] : []),
    ...(other.length > 0 ? [`${named(other)} in another version`] : []),
    ...(extra.length > 0 ? [`${named(extra)} not in the lock`] : []),
  ];
  if (parts.length === 0) {
    const left = withoutDevelopment ? ', without those for development' : '';
    return fine(`${count} packages, as package-lock.json says${left}`, facts);
  }
  const text = `node_modules is not what package-lock.json says: ${parts.join(', ')}`;
  const isBad = missing.length + other.length > 0 && (await isNeededHere(context));
  return (isBad ? broken : warning)(text, { facts, mend: installation(context) });
}

/** What npm has written down may have been taken away since. */
async function lookAtFolders(context: DoctorContext): Promise<Outcome> {
  const { projectDirectory } = context;
  const lock = await readJson(join(projectDirectory, 'node_modules', '.package-lock.json'), lockSchema);
  const entries = Object.entries(lock?.packages ?? {}).filter(([folder, { link }]) => folder !== '' && !link);
  const damaged: string[] = [];
  await Promise.all(
    entries.map(async ([folder, { version }]) => {
      const file = join(projectDirectory, folder, 'package.json');
      const found = await readJson(file, z.object({ version: z.string().nullish() })).catch(() => null);
      if (found === null || (version && found.version !== version)) damaged.push(folder);
    }),
  );
  const facts = { damaged: damaged.sort() };
  if (damaged.length === 0) return fine(`All ${entries.length} folders are there`, facts);
  const text = `${named(damaged)} ${damaged.length === 1 ? 'is' : 'are'} not there whole, although npm installed it`;
  const isBad = await isNeededHere(context);
  return (isBad ? broken : warning)(text, { facts, mend: installation(context) });
}

/** Slipway's own packages, and those of a program on the host; in Docker a program has those of its image. */
async function isNeededHere(context: DoctorContext): Promise<boolean> {
  return context.projectDirectory === packageRoot() || (await runEngine(context)) !== 'docker';
}

/**
 * npm makes the folder anew, exactly as locked; no package's script is run. It takes the old folder away first, whatever
 * else a person has put or linked there, and without a network nothing takes its place: so a person must run it.
 */
function installation({ projectDirectory }: DoctorContext): Mend {
  const place = projectDirectory === process.cwd() ? [] : ['--prefix', projectDirectory];
  return byHand(['npm', 'ci', '--ignore-scripts', ...place].map(quoteForShell).join(' '));
}

/** `yargs`, `yargs and zod`, `yargs, zod and 12 more`. */
function named(folders: readonly string[]): string {
  const names = folders.map((folder) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length));
  if (names.length <= 2) return names.join(' and ');
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}

/** Null where there is no such file. */
async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  return schema.parse(JSON.parse(text));
}
