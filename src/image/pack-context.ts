import type { Readable } from 'node:stream';
import { pack } from 'tar-fs';
import type { ContextFile } from './describe-context.ts';

/** A file of ours that goes along with the project's. */
export interface AddedFile {
  readonly path: string;
  readonly content: string;
}

/** One time for every file: equal trees give equal layers, and the builder's cache finds them. */
const normalized = { mtime: new Date('2000-01-01T00:00:00Z'), uid: 0, gid: 0, uname: '', gname: '' };

/**
 * Streams files of a folder as a tar archive in constant memory. With `prefix` (`code/`), the project's files lie in
 * that folder of the archive, open to every user: a program of someone else may expect to write beside its code.
 */
export function packContext(
  directory: string,
  files: readonly ContextFile[],
  added: readonly AddedFile[],
  prefix = '',
): Readable {
  const bySource = new Map(files.map((file) => [file.source ?? file.path, file]));
  const openToAll = (mode: number): number => (prefix === '' ? mode : mode === 0o644 ? 0o666 : 0o777);
  const archive = pack(directory, {
    entries: [...bySource.keys()],
    map: (header) => {
      const { mode = 0o644, path = header.name } = bySource.get(header.name) ?? {};
      return Object.assign(header, normalized, { mode: openToAll(mode), name: `${prefix}${path}` });
    },
    finalize: false,
    finish: (stream) => {
      for (const name of foldersOf(prefix, files)) {
        stream.entry({ name, type: 'directory', mode: openToAll(0o755), ...normalized });
      }
      for (const file of added) stream.entry({ name: file.path, mode: 0o644, ...normalized }, file.content);
      stream.finalize();
    },
  });
  return archive as unknown as Readable;
}

/** The folders of the archive, which would otherwise be made with the time and mode of the moment. */
function foldersOf(prefix: string, files: readonly ContextFile[]): string[] {
  const folders = new Set(prefix === '' ? [] : [prefix]);
  for (const { path } of files) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      folders.add(`${prefix}${path.slice(0, end)}/`);
    }
  }
  return [...folders].sort();
}
