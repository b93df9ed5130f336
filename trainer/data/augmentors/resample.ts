import type { Image } from '../../components/sample.ts';

/** Where an image is put, about its middle: first scaled (negative: mirrored), then turned, then moved. */
export interface Placement {
  readonly scaleX: number;
  readonly scaleY: number;
  /** Clockwise, in radians. */
  readonly angle: number;
  /** To the right, in pixels. */
  readonly moveX: number;
  /** Down, in pixels. */
  readonly moveY: number;
}

/** The image so placed, by bilinear interpolation; what is outside has the value of the nearest edge. */
export function resample(image: Image, placement: Placement): Float64Array {
  const { height, width, channels, pixels } = image;
  const { scaleX, scaleY, angle, moveX, moveY } = placement;
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const result = new Float64Array(pixels.length);
  let target = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [fromMiddleX, fromMiddleY] = [x - middleX - moveX, y - middleY - moveY];
      const sourceX = clamp((cosine * fromMiddleX + sine * fromMiddleY) / scaleX + middleX, width);
      const sourceY = clamp((cosine * fromMiddleY - sine * fromMiddleX) / scaleY + middleY, height);
      const [left, top] = [Math.floor(sourceX), Math.floor(sourceY)];
      const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
      const [shareX, shareY] = [sourceX - left, sourceY - top];
      for (let channel = 0; channel < channels; channel += 1) {
        const at = (column: number, row: number): number =>
          pixels[(row * width + column) * channels + channel] as number;
        const above = at(left, top) * (1 - shareX) + at(right, top) * shareX;
        const below = at(left, bottom) * (1 - shareX) + at(right, bottom) * shareX;
        result[target++] = above * (1 - shareY) + below * shareY;
      }
    }
  }
  return result;
}

/** Nearly whole places count as whole: a quarter turn of a square is exact. */
function clamp(place: number, size: number): number {
  const whole = Math.round(place);
  const exact = Math.abs(place - whole) < 1e-9 ? whole : place;
  return Math.min(size - 1, Math.max(0, exact));
}
