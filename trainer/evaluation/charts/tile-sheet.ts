import type { TopLevelSpec } from 'vega-lite';
import { cutMiddle } from '../text.ts';
import type { Chart } from './chart.ts';
import { chartConfiguration, colours } from './look.ts';

/** A small picture with words below it. */
export interface Tile {
  /** A PNG as data URI. */
  readonly image: string;
  /** Lines below the picture, short enough for `captionWidth`. */
  readonly caption: readonly string[];
  /** Whether what was said is right; null where nothing was said. */
  readonly correct: boolean | null;
  /** What the data file tells of the tile besides. */
  readonly record: Readonly<Record<string, string | number | null>>;
}

export interface TileGroup {
  /** Above the group's first row, cut to its width; null for none. */
  readonly header: string | null;
  readonly tiles: readonly Tile[];
}

export interface TileSheetOptions {
  /** File name without its end. */
  readonly name: string;
  readonly title: string;
  readonly subtitle: readonly string[];
  readonly groups: readonly TileGroup[];
  /** Side of a tile as drawn, in pixels. */
  readonly side: number;
  /** Tiles side by side. */
  readonly columns: number;
}

const gap = 18;
const lineHeight = 12;
const headerHeight = 24;
export const captionFontSize = 10;

/** How wide a line below a tile may be, or a header above several, in pixels: digits may be a little wider than measured. */
export function captionWidth(side: number, tiles = 1): number {
  return tiles * (side + gap) - 7;
}

/** A sheet of tiles: the data file holds each with its place, its words and its picture. */
export function tileSheet(options: TileSheetOptions): Chart {
  const { name, title, subtitle, side, columns } = options;
  const { rows, headers, width, height } = layOut(options);
  const position = (field: 'x' | 'y', length: number) => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, length], nice: false, zero: false, ...(field === 'y' ? { reverse: true } : {}) },
    axis: null,
  });
  const text = { type: 'text', align: 'left', baseline: 'top' };
  const specification = {
    title: { text: title, subtitle },
    description: [title, ...subtitle].join('; '),
    data: { name: 'tiles' },
    width: Math.max(width, columns * (side + gap)),
    height,
    encoding: { x: position('x', Math.max(width, columns * (side + gap))), y: position('y', height) },
    layer: [
      {
        mark: { type: 'image', width: side, height: side, align: 'left', baseline: 'top', smooth: false },
        encoding: { url: { field: 'image', type: 'nominal' } },
      },
      ...frames(side),
      {
        mark: { ...text, dy: side + 5, fontSize: captionFontSize, lineHeight, color: colours.ink },
        encoding: { text: { field: 'caption' } },
      },
      {
        data: { values: headers },
        mark: { ...text, fontSize: 12, fontWeight: 'bold', color: colours.ink },
        encoding: { text: { field: 'text' } },
      },
    ],
    config: chartConfiguration,
  };
  return {
    name,
    format: 'json',
    data: `${JSON.stringify(rows, null, 1)}\n`,
    specification: specification as unknown as TopLevelSpec,
  };
}

/** Wrong ones have a thick frame, and the others a thin one: colour alone would not tell everybody. */
function frames(side: number): object[] {
  const frame = (filter: string, stroke: string, strokeWidth: number) => ({
    transform: [
      { filter },
      { calculate: `datum.x + ${side}`, as: 'right' },
      { calculate: `datum.y + ${side}`, as: 'bottom' },
    ],
    mark: { type: 'rect', fill: null, stroke, strokeWidth },
    encoding: { x2: { field: 'right' }, y2: { field: 'bottom' } },
  });
  return [frame('datum.correct !== false', '#BBBBBB', 1), frame('datum.correct === false', colours.vermillion, 3)];
}

interface Layout {
  readonly rows: readonly object[];
  readonly headers: readonly { readonly x: number; readonly y: number; readonly text: string }[];
  readonly width: number;
  readonly height: number;
}

/** Groups below each other; where all are narrow, several side by side. */
function layOut({ groups, side, columns }: TileSheetOptions): Layout {
  const rows: object[] = [];
  const headers: { x: number; y: number; text: string }[] = [];
  const widest = Math.min(columns, Math.max(1, ...groups.map(({ tiles }) => tiles.length)));
  const groupsInRow = Math.floor(columns / widest);
  let [top, width] = [0, 0];
  for (let start = 0; start < groups.length; start += groupsInRow) {
    const members = groups.slice(start, start + groupsInRow);
    const captionLines = Math.max(0, ...members.flatMap(({ tiles }) => tiles.map(({ caption }) => caption.length)));
    const rowHeight = side + gap + (captionLines === 0 ? 0 : 5 + captionLines * lineHeight);
    const first = top + (members.some(({ header }) => header !== null) ? headerHeight : 0);
    for (const [place, { header, tiles }] of members.entries()) {
      const left = place * widest * (side + gap);
      // Up to the next group's header, or to the sheet's end.
      const room = place === members.length - 1 ? columns - place * widest : widest;
      if (header !== null) headers.push({ x: left, y: top, text: cutHeader(header, side, room) });
      for (const [index, { image, caption, correct, record }] of tiles.entries()) {
        const x = left + (index % widest) * (side + gap);
        width = Math.max(width, x + side + gap);
        rows.push({ ...record, correct, x, y: first + Math.floor(index / widest) * rowHeight, caption, image });
      }
    }
    top = first + Math.max(...members.map(({ tiles }) => Math.ceil(tiles.length / widest))) * rowHeight;
  }
  return { rows, headers, width, height: Math.max(top, side) };
}

/** A header is bold, and so wider than its size of 12 says. */
function cutHeader(header: string, side: number, tiles: number): string {
  return cutMiddle(header, captionWidth(side, tiles), 14);
}
