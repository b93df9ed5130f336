import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CannotWriteError, errorCode, errorMessage } from '../../../src/errors.ts';
import { atomicWriteFile, syncDirectory } from '../../../src/util/atomic-write-file.ts';
import { fileDigest } from '../../../src/util/file-digest.ts';
import type { NamedTensor } from '../../tensorflow/named-tensor.ts';
import { type CheckpointDocument, checkpointDocument } from './document.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/** A checkpoint as it was read. */
export interface StoredCheckpoint {
  /** Name of its folder. */
  readonly name: string;
  readonly document: CheckpointDocument;
  readonly tensors: readonly NamedTensor[];
}

const documentFile = 'checkpoint.json';
const tensorsFile = 'state.safetensors';
const temporaryPrefix = '.writing-';
const namePattern = /^epoch-(\d+)(?:-step-(\d+))?$/;

/** `epoch-00003` after a whole epoch; `epoch-00004-step-00000420` within one, with the step counted over all epochs. */
export function checkpointName({
  history,
  steps,
  begun,
}: Pick<CheckpointDocument, 'history' | 'steps' | 'begun'>): string {
  const digits = (value: number, length: number): string => String(value).padStart(length, '0');
  const whole = history.at(-1)?.epoch ?? 0;
  if (begun === null) return `epoch-${digits(whole, 5)}`;
  return `epoch-${digits(whole + 1, 5)}-step-${digits(steps + begun.steps, 8)}`;
}

/** The checkpoints of a run: a folder each, which is there whole or not at all. */
export class CheckpointFolder {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * Writes one beside the others and gives it its name when everything is on the disk. Throws CannotWriteError; those
   * that were there before stay.
   */
  async write(document: Omit<CheckpointDocument, 'tensors_sha256'>, tensors: readonly NamedTensor[]): Promise<string> {
    const name = checkpointName(document);
    const temporary = path.join(this.directory, `${temporaryPrefix}${name}`);
    const target = path.join(this.directory, name);
    try {
      await rm(temporary, { recursive: true, force: true });
      await mkdir(temporary, { recursive: true });
      await writeSafetensors(path.join(temporary, tensorsFile), tensors);
      const whole: CheckpointDocument = {
        ...document,
        tensors_sha256: await fileDigest(path.join(temporary, tensorsFile)),
      };
      await atomicWriteFile(path.join(temporary, documentFile), `${JSON.stringify(whole)}\n`);
      // One of this name is a damaged one that was passed over.
      await rm(target, { recursive: true, force: true });
      await rename(temporary, target);
      await syncDirectory(this.directory);
      return name;
    } catch (error) {
      await rm(temporary, { recursive: true, force: true }).catch(() => {});
      throw new CannotWriteError(`The checkpoint ${target} cannot be written: ${errorMessage(error)}.`, {
        hint: 'Free space on the storage folder and resume the run: the checkpoints before this one are whole.',
        cause: error,
      });
    }
  }

  /** Names of those that are there, the newest first. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.directory).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [] as string[];
      throw error;
    });
    return entries.filter((name) => namePattern.test(name)).sort((one, other) => compare(other, one));
  }

  /** The newest that is whole; null where there is none. `warn` is told of those that are not. */
  async newest(warn: (text: string) => void): Promise<StoredCheckpoint | null> {
    for (const name of await this.names()) {
      try {
        return await this.read(name);
      } catch (error) {
        warn(`The checkpoint ${path.join(this.directory, name)} is passed over: ${errorMessage(error)}.`);
      }
    }
    return null;
  }

  /** Reads one. Throws an Error that says what is wrong with it. */
  async read(name: string): Promise<StoredCheckpoint> {
    const directory = path.join(this.directory, name);
    const text = await readFile(path.join(directory, documentFile), 'utf8');
    const parsed = checkpointDocument.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error(`its ${documentFile} is not what this program writes`);
    const file = path.join(directory, tensorsFile);
    if ((await fileDigest(file)) !== parsed.data.tensors_sha256) throw new Error(`its ${tensorsFile} is damaged`);
    return { name, document: parsed.data, tensors: await readSafetensors(file) };
  }

  /**
   * Removes what is older than the `kept` newest up to the one that was just written, and not named. Newer than that one
   * are only damaged ones, which were passed over and count for nothing.
   */
  async prune(written: string, kept: number, named: readonly string[]): Promise<void> {
    const names = await this.names();
    const old = names.slice(names.indexOf(written) + kept).filter((name) => !named.includes(name));
    for (const name of old) await rm(path.join(this.directory, name), { recursive: true, force: true });
  }

  /** Removes what a process left half written that is no more. */
  async clean(): Promise<void> {
    const entries = await readdir(this.directory).catch(() => [] as string[]);
    for (const name of entries.filter((entry) => entry.startsWith(temporaryPrefix))) {
      await rm(path.join(this.directory, name), { recursive: true, force: true });
    }
  }
}

/** By epoch; a whole epoch is later than the steps of it. */
function compare(one: string, other: string): number {
  const [left, right] = [placeOf(one), placeOf(other)];
  return left.epoch - right.epoch || left.step - right.step || 0;
}

function placeOf(name: string): { readonly epoch: number; readonly step: number } {
  const [, epoch, step] = namePattern.exec(name) as RegExpExecArray;
  return { epoch: Number(epoch), step: step === undefined ? Number.MAX_SAFE_INTEGER : Number(step) };
}
