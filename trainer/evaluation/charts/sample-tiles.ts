import type { Image } from '../../components/sample.ts';
import { pngDataUri } from '../images/png.ts';
import { thumbnail, thumbnailSide } from '../images/thumbnail.ts';
import { cutMiddle } from '../text.ts';
import { captionFontSize, captionWidth } from './tile-sheet.ts';

/** What a sheet of samples shows at most. */
export const tilesAtMost = 24;
/** How such a sheet is laid out. */
export const layout = { side: thumbnailSide, columns: 6 } as const;

/** How large images are, and how large they are shown. */
export function sizeText({ height, width }: Pick<Image, 'height' | 'width'>): string {
  const isSmaller = Math.max(height, width) > thumbnailSide;
  return `${width} × ${height} pixels${isSmaller ? `, shown with ${thumbnailSide} on the longer side` : ''}`;
}

/** The last part of a path: what tells one file from another in a narrow place. */
export function shortId(id: string): string {
  return id.split('/').at(-1) || id;
}

/** A line that fits below a tile. */
export function caption(text: string): string {
  return cutMiddle(text, captionWidth(layout.side), captionFontSize);
}

/** An image as a tile takes it. */
export function uri(image: Image): string {
  return pngDataUri(thumbnail(image));
}
