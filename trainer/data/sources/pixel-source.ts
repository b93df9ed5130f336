import { errorMessage, SlipwayError, UsageError } from '../../../src/errors.ts';
import type { Image } from '../../components/sample.ts';
import { checksum } from '../checksum.ts';
import type { DataSource, SourceEntry } from './source.ts';

/** A source whose entries are no files: what identifies one is the checksum of its values, where it isn't known by another. */
export function pixelSource(
  about: Pick<DataSource, 'name' | 'description' | 'classNames'>,
  entries: readonly SourceEntry[],
  {
    read,
    nameOf,
    checksums: known,
    close,
  }: {
    /** Throws an Error whose message completes the sentence "<name> …". */
    readonly read: (place: number) => Promise<Image>;
    /** What an entry is called at the beginning of a sentence. */
    readonly nameOf: (place: number) => string;
    /** The CRC-32 of each entry's bytes, where it has bytes. */
    readonly checksums?: readonly number[];
    readonly close: () => Promise<void>;
  },
): DataSource {
  const ids = new Set<string>();
  for (const [place, { id }] of entries.entries()) {
    if (ids.has(id)) throw new UsageError(`${nameOf(place)} has the id ${id}, which another has too.`);
    ids.add(id);
  }
  const checksums = known === undefined ? new Float64Array(entries.length).fill(-1) : Float64Array.from(known);
  const readOne = async (place: number): Promise<Image> => {
    try {
      const image = await read(place);
      if (known === undefined) checksums[place] = checksum(image);
      return image;
    } catch (error) {
      if (error instanceof SlipwayError) throw error;
      throw new UsageError(`${nameOf(place)} ${errorMessage(error)}.`, { cause: error });
    }
  };
  return {
    ...about,
    entries,
    nameOf,
    read: readOne,
    // What was read is not read again for its checksum.
    fingerprint: async (place) => {
      if (checksums[place] === -1) await readOne(place);
      return checksums[place] as number;
    },
    close,
  };
}
