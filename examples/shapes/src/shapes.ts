import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Image,
  type ListedSample,
  ListLoader,
  listParameters,
  type SampleList,
  UsageError,
  z,
} from 'slipway/trainer';
import { type Drawing, parseDrawing } from './drawing.ts';

const parameters = listParameters.extend({
  folder: z.string().min(1).default('data').describe("Folder of the drawings, as seen from the project's."),
  turns: z.int().min(1).max(360).default(12).describe('Images that are made of each drawing, each turned further.'),
});

/** An image of a drawing: the drawing, and how far it is turned. */
interface TurnedDrawing extends ListedSample {
  readonly drawing: Drawing;
  /** In radians. */
  readonly angle: number;
}

const [side, strokeWidth] = [28, 1.4];

/**
 * Drawings in a format of the project's own: a file `<class>-<number>.txt` holds a line `x y` for each point of a closed
 * line, from -1 to 1. Images of one drawing are a group: they are never parted into training and test.
 */
export class ShapesLoader extends ListLoader<z.output<typeof parameters>, TurnedDrawing> {
  static override readonly parameters = parameters;

  protected override async listSamples(): Promise<SampleList<TurnedDrawing>> {
    const { folder, turns } = this.parameters;
    const files = (await readdir(folder)).filter((name) => /^[a-z]+-\d+\.txt$/.test(name)).sort();
    if (files.length === 0)
      throw new UsageError(`The folder ${folder} has no drawings: expected files as star-01.txt.`);
    const classNames = [...new Set(files.map((name) => name.split('-')[0] as string))];
    const samples: TurnedDrawing[] = [];
    for (const name of files) {
      const drawing = parseDrawing(await readFile(join(folder, name), 'utf8'), name);
      const label = classNames.indexOf(name.split('-')[0] as string);
      for (let turn = 0; turn < turns; turn += 1) {
        samples.push({ id: `${name}/${turn}`, label, group: name, drawing, angle: (2 * Math.PI * turn) / turns });
      }
    }
    return { classNames, samples, description: `${files.length} drawings, each turned ${turns} times` };
  }

  protected override readSample({ drawing, angle }: TurnedDrawing): Image {
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    const scale = side / 2 - 3;
    const points = drawing.map(([x, y]): [number, number] => [
      side / 2 + scale * (cosine * x - sine * y),
      side / 2 + scale * (sine * x + cosine * y),
    ]);
    const pixels = new Uint8Array(side * side);
    for (let place = 0; place < pixels.length; place += 1) {
      const [x, y] = [(place % side) + 0.5, Math.floor(place / side) + 0.5];
      const distance = Math.min(
        ...points.map((from, index) => distanceTo(x, y, from, points[(index + 1) % points.length]!)),
      );
      pixels[place] = Math.round(255 * Math.min(1, Math.max(0, strokeWidth - distance)));
    }
    return { pixels, height: side, width: side, channels: 1 };
  }
}

/** How far a point lies from a stretch of a line. */
function distanceTo(x: number, y: number, [x1, y1]: [number, number], [x2, y2]: [number, number]): number {
  const [along, across] = [x2 - x1, y2 - y1];
  const share = ((x - x1) * along + (y - y1) * across) / (along ** 2 + across ** 2 || 1);
  const nearest = Math.min(1, Math.max(0, share));
  return Math.hypot(x - x1 - nearest * along, y - y1 - nearest * across);
}
