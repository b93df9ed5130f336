import { UsageError } from '../../../src/errors.ts';
import type { Image } from '../../components/sample.ts';
import type { SplitName } from '../dataset.ts';
import { classLabels, ofClasses } from './class-labels.ts';
import { noColumns } from './file-source.ts';
import { pixelSource } from './pixel-source.ts';
import type { DataSource, SourceEntry } from './source.ts';

/** Images in one array, with their labels in another. */
export interface ImageArray {
  /** What the ids begin with. */
  readonly prefix: string;
  readonly split: SplitName | null;
  /** As the data writes them, one an image; null where it has none. */
  readonly labels: readonly (string | null)[];
  /** For messages, as `x_train of data.npz`. */
  readonly imagesName: string;
  readonly labelsName: string;
  /** Throws an Error whose message completes the sentence "Image 7 of <imagesName> …". */
  read(place: number): Promise<Image>;
}

/** A source of images in arrays, of which one is read at a time. Places in messages and ids count from 0. */
export function arraySource(
  arrays: readonly ImageArray[],
  given: readonly string[],
  location: string,
  close: () => Promise<void>,
): DataSource {
  const empty = arrays.find(({ labels }) => labels.length === 0);
  if (empty !== undefined) throw new UsageError(`There are no images in ${empty.imagesName}.`);
  const places = arrays.flatMap((array) => array.labels.map((_, row) => ({ array, row })));
  const { classNames, labels } = classLabels(
    arrays.flatMap((array) => array.labels),
    given,
    (place) => `${places[place]?.row} in ${places[place]?.array.labelsName}`,
  );
  const entries = places.map(({ array, row }, place): SourceEntry => {
    const id = `${array.prefix}${row}`;
    return { id, label: labels[place] as number, split: array.split, group: null, weight: 1, columns: noColumns };
  });
  const description = `${entries.length} images${ofClasses(classNames)} from ${location}`;
  return pixelSource({ description, classNames }, entries, {
    read: (place) => {
      const { array, row } = places[place] as (typeof places)[number];
      return array.read(row);
    },
    nameOf: (place) => `Image ${places[place]?.row} of ${places[place]?.array.imagesName}`,
    close,
  });
}
