import { z } from 'zod';
import type { DataOrigin } from '../../components/data-loader.ts';
import type { IndexedSample } from '../../components/sample.ts';
import type { SplitName } from '../dataset.ts';
import { syntheticCell } from '../synthetic-cells.ts';
import { IndexedLoader, type SampleIndex } from './indexed-loader.ts';

/** Cells drawn where no number is asked for: enough to learn from in a minute on two cores. */
const defaultCounts: Readonly<Record<SplitName, number>> = { training: 2000, validation: 400, test: 400 };

const count = (part: SplitName) =>
  z.int().min(0).max(10_000_000).default(0).describe(`Cells drawn for ${part}; 0 means ${defaultCounts[part]}.`);

const parameters = z.strictObject({
  training_samples: count('training'),
  validation_samples: count('validation'),
  test_samples: count('test'),
});

interface Cell extends IndexedSample {
  readonly part: SplitName;
  readonly place: number;
}

/**
 * Stained blood cells of two classes, drawn from the seed: nothing to download, nothing real. Both classes hold dark
 * specks of the same stain; only the parasite's ring with its dot tells them apart.
 */
export class SyntheticCellsLoader extends IndexedLoader<z.output<typeof parameters>, Cell> {
  static override readonly parameters = parameters;

  protected override readonly cacheMiB = 1024;

  protected override async openIndex(): Promise<SampleIndex<Cell>> {
    const { seed, inputHeight, inputWidth } = this.setup;
    const { parameters: wanted } = this;
    // They are drawn square, of the longer side.
    const side = Math.max(inputHeight, inputWidth);
    const parts = {
      training: cells('training', wanted.training_samples),
      validation: cells('validation', wanted.validation_samples),
      test: cells('test', wanted.test_samples),
    };
    return {
      classNames: ['synthetic uninfected', 'synthetic parasitized'],
      parts,
      read: async ({ part, place }) => ({ image: syntheticCell(seed, part, place, side), fingerprint: null }),
      close: async () => {},
    };
  }

  override get origin(): DataOrigin {
    const { seed } = this.setup;
    return {
      name: 'synthetic-cells',
      isSynthetic: true,
      description: `${this.total} synthetic cells drawn from seed ${seed} (no real blood cells)`,
      sourceType: 'code',
      source: JSON.stringify({ tags: { 'mlflow.source.name': 'trainer/data/synthetic-cells.ts', seed: String(seed) } }),
    };
  }
}

/** Every second one is parasitized. */
function cells(part: SplitName, count: number): Cell[] {
  return Array.from({ length: count || defaultCounts[part] }, (_, place) => ({
    id: `synthetic/${part}/${String(place).padStart(5, '0')}`,
    label: place % 2,
    weight: 1,
    part,
    place,
  }));
}
