import type { Image } from '../../components/sample.ts';
import { contactSheet, filterNorm, filterPicture, type Kernels } from '../images/filter-pictures.ts';
import { pngDataUri } from '../images/png.ts';
import type { Chart } from './chart.ts';
import { sentenceChart } from './sentence.ts';
import { type Tile, type TileGroup, tileSheet } from './tile-sheet.ts';

/** More are not told apart; the first ones are shown. */
const filtersAtMost = 64;
const columns = 16;

/** `first-layer-filters`: the kernels of the first convolution before and after the training. */
export function firstLayerFilters(before: Kernels, after: Kernels): Chart {
  const [name, title] = ['first-layer-filters', 'Filters of the first layer'];
  const groups = [group('before training', before), group('after training', after)];
  if (groups.every(({ tiles }) => tiles.length === 0)) {
    return sentenceChart({ name, format: 'json', data: '[]\n' }, title, 'No weight is a finite number.');
  }
  const shown = Math.min(after.filters, filtersAtMost);
  return tileSheet({
    name,
    title,
    subtitle: [
      `${after.layer}: ${shown < after.filters ? `the first ${shown} of ` : ''}${after.filters} filters of ${after.width} × ${after.height}`,
      after.channels === 3
        ? 'grey is weight 0; brighter or darker in a colour: more or less of it'
        : 'grey is weight 0, white the largest weight of the filter, black its negative',
    ],
    groups,
    side: 36,
    columns,
  });
}

function group(when: string, kernels: Kernels): TileGroup {
  const shown = Math.min(kernels.filters, filtersAtMost);
  const tiles = Array.from({ length: shown }, (_, filter) => tile(when, kernels, filter)).filter(
    (made) => made !== null,
  );
  const missing = shown - tiles.length;
  return { header: missing === 0 ? when : `${when}: ${missing} of ${shown} are not finite and left out`, tiles };
}

function tile(when: string, kernels: Kernels, filter: number): Tile | null {
  const image = filterPicture(kernels, filter);
  if (image === null) return null;
  return {
    image: pngDataUri(image),
    caption: [],
    correct: null,
    record: { when, filter: filter + 1, norm: filterNorm(kernels, filter) },
  };
}

/** About how wide a filter is in the picture of all, in pixels. */
const filterWidth = 72;

/**
 * The kernels as one picture, for a slider over the epochs; null where a weight is not finite. Square: MLflow gives a
 * picture a square and cuts off its lower end, which with a low picture in its middle would leave nothing to be seen.
 */
export function filterSheet(kernels: Kernels): Image | null {
  const shown = Math.min(kernels.filters, filtersAtMost);
  const images = Array.from({ length: shown }, (_, filter) => filterPicture(kernels, filter)).filter(
    (image) => image !== null,
  );
  if (images.length < shown) return null;
  const scale = Math.max(1, Math.round(filterWidth / kernels.width));
  return contactSheet(images, { columns: Math.ceil(Math.sqrt(shown)), scale, gap: 6 });
}
