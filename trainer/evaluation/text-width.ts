/** Characters by how wide Helvetica and Arial draw them, in shares of the font size (rounded from Arial's metrics). */
const widths: readonly (readonly [characters: string, width: number])[] = [
  ["ijl'|", 0.22],
  ['.,:;!ftI/ []()-r', 0.3],
  ['abcdeghknopqsuvxyz0123456789_?$#L', 0.55],
  ['ABEFKPSTVXYZ&J', 0.67],
  ['CDHNRUGOQw+<=>~', 0.73],
  ['mM%', 0.85],
  ['W@', 0.95],
];
const widthOf = new Map(
  widths.flatMap(([characters, width]) => [...characters].map((character) => [character, width])),
);

/** Where Helvetica and Arial are missing, pictures are shown in a font that is wider by up to this factor, such as DejaVu Sans. */
const reserve = 1.12;

/** How many pixels a line of sans-serif text takes at most, but for odd fonts and bold letters. */
export function textWidth(text: string, fontSize: number): number {
  let width = 0;
  for (const character of text) width += widthOf.get(character) ?? (character > '\u2e7f' ? 1 : 0.6);
  return width * fontSize * reserve;
}
