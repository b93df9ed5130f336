import type { SplitName } from '../dataset.ts';
import type { ImageFile } from '../image-files.ts';
import { classLabels, ofClasses } from './class-labels.ts';
import { fileSource } from './file-source.ts';
import type { SampleRow } from './sample-table.ts';
import type { DataSource } from './source.ts';

/** An image file and the row of a table that is about it. */
export interface LabelledImage {
  readonly file: ImageFile;
  readonly id: string;
  /** For messages: `row 9 of labels.csv`. */
  readonly row: string;
  readonly split: SplitName | null;
  readonly sample: SampleRow;
}

/** The source of image files whose labels stand in tables. Throws UsageError for a label that is no class. */
export function labelledImageSource(
  images: readonly LabelledImage[],
  about: {
    readonly name?: string;
    readonly location: string;
    /** Where the images lie, if that is elsewhere. */
    readonly imageLocation?: string;
    readonly classNames: readonly string[];
  },
  close: () => Promise<void>,
): DataSource {
  const { name, location } = about;
  const { classNames, labels } = classLabels(
    images.map(({ sample }) => sample.label),
    about.classNames,
    (place) => `in ${images[place]?.row}`,
  );
  const records = images.map(({ file, row, id, split, sample }, place) => {
    const { weight, group, columns } = sample;
    return { file, row, entry: { id, label: labels[place] as number, split, group, weight, columns } };
  });
  const description = `${records.length} images${ofClasses(classNames)} from ${location}`;
  return fileSource({ name, description, classNames }, records, about.imageLocation ?? location, close);
}
