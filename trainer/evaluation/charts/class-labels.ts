import { cutMiddle, numberedNames } from '../text.ts';

/** Short names of classes for a picture, and the step of its specification that puts them beside the whole ones. */
export interface ClassLabels {
  /** Of the classes that are drawn, in their order. */
  readonly names: readonly string[];
  /** A Vega-Lite transform: `as` is the short name of the class named in `field`. */
  transform(field: string, as: string): { readonly calculate: string; readonly as: string };
}

/** Cuts the names of the classes that are `drawn` to `width` pixels; the data file keeps the whole names. */
export function classLabels(
  classNames: readonly string[],
  drawn: readonly number[],
  width: number,
  fontSize: number,
): ClassLabels {
  const numbered = numberedNames(classNames);
  const names = drawn.map((label) => cutMiddle(numbered[label] as string, width, fontSize));
  const wholeNames = drawn.map((label) => classNames[label] as string);
  return {
    names,
    transform: (field, as) => ({
      calculate: `${literal(names)}[indexof(${literal(wholeNames)}, datum.${field})]`,
      as,
    }),
  };
}

/** A list of texts in Vega's expression language, which takes JSON's notation but for two separators of lines. */
export function literal(values: readonly string[]): string {
  return `[${values.map(quoted).join(',')}]`;
}

/** A text in Vega's expression language. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
