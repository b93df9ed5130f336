import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { closest } from '../../../src/util/closest.ts';
import { SettingError } from '../setting-error.ts';

/** What a file of classes may be called, in the order in which they are looked for. */
const extensions = ['.ts', '.mts', '.js', '.mjs'] as const;

/** A class as a configuration names it: `dataset.MyLoader` is the export `MyLoader` of `dataset.ts`. */
export interface OwnClassName {
  /** The parameter that names it: `data_loader_class`. */
  readonly parameter: string;
  /** As given. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly exportName: string;
}

/** True for the name of a class of one's own; the trainer's own names hold no dot. */
export function isOwnClassName(name: string): boolean {
  return name.includes('.');
}

/**
 * Finds the file of `module.Export`, or `folder.module.Export`, below a folder; nothing of it is run.
 * Throws SettingError for a name of another form, a folder that is not there, and a file that is not, with the nearest.
 */
export function findClassFile(parameter: string, name: string, codeFolder: string): OwnClassName {
  const parts = name.split('.');
  const exportName = parts.pop() as string;
  if (parts.length === 0 || [...parts, exportName].some((part) => !/^[\p{L}\p{N}_$-]+$/u.test(part))) {
    throw new SettingError(parameter, `Parameter ${parameter} is '${name}', which names no class.`, {
      hint: 'A class of your own is written file.Class, as dataset.MyLoader for the export MyLoader of dataset.ts.',
    });
  }
  checkFolder(parameter, name, codeFolder);
  const stem = path.join(codeFolder, ...parts);
  const file = extensions.map((extension) => `${stem}${extension}`).find(isFile);
  if (file !== undefined) return { parameter, name, file, exportName };
  throw noSuchFile(parameter, name, codeFolder, parts);
}

function checkFolder(parameter: string, name: string, codeFolder: string): void {
  const found = statSync(codeFolder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  const what = found === undefined ? `there is no folder ${codeFolder}` : `${codeFolder} is no folder`;
  throw new SettingError(parameter, `Parameter ${parameter} is '${name}', but ${what}.`, {
    hint: 'Set src_code_path to the folder in which your classes lie, as seen from that of the project.',
  });
}

function noSuchFile(parameter: string, name: string, codeFolder: string, parts: readonly string[]): SettingError {
  const wanted = parts.join('/');
  const found = filesIn(codeFolder);
  const stems = found.map((file) => file.slice(0, -path.extname(file).length));
  const nearest = closest(wanted, stems);
  const all = found.length === 0 ? `${codeFolder} holds no such file.` : `${codeFolder} has ${found.join(', ')}.`;
  const suggestion = nearest === undefined ? '' : `Did you mean ${nearest.replaceAll('/', '.')}? `;
  return new SettingError(
    parameter,
    `Parameter ${parameter} is '${name}', but there is no file ${wanted}.ts (or ${extensions.slice(1).join(', ')}) in ${codeFolder}.`,
    { hint: `${suggestion}${all}` },
  );
}

/** How many files a message lists. */
const listedFiles = 20;

/** The files that may hold classes, by their paths below the folder; those of packages and hidden ones are not looked at. */
function filesIn(folder: string, below = ''): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(path.join(folder, below), { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && name.split('/').length < 4) found.push(...filesIn(folder, name));
    else if (entry.isFile() && isCode(entry.name)) found.push(name);
    if (found.length >= listedFiles) break;
  }
  return found.slice(0, listedFiles);
}

function isCode(name: string): boolean {
  return !name.endsWith('.d.ts') && extensions.some((extension) => name.endsWith(extension));
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
