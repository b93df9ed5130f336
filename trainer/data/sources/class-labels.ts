import { UsageError } from '../../../src/errors.ts';
import { shown } from './cell-text.ts';

/** Labels of a data set as indices into its class names; where there are no names, each is 0 and says nothing. */
export interface ClassLabels {
  readonly classNames: readonly string[];
  readonly labels: readonly number[];
}

const wholeNumber = /^[+-]?\d+$/;

/**
 * Brings labels, as the data writes them, to classes. A label is the name of a class or, where all labels are whole
 * numbers and names are given, the place of one. Without given names the labels themselves are the names: sorted, by
 * value where all are whole numbers.
 * Null stands for no label: of all data or of none.
 * `where` completes the sentence "The label '7' …" for the label at a place. Throws UsageError for a label of no class.
 */
export function classLabels(
  found: readonly (string | null)[],
  given: readonly string[],
  where: (place: number) => string,
): ClassLabels {
  if (found.length > 0 && found.every((label) => label === null)) {
    if (given.length === 0) return { classNames: [], labels: found.map(() => 0) };
    throw new UsageError('Setting data_loader.class_names names classes, but no labels are read.');
  }
  const written = found.map((label) => label ?? '');
  const empty = written.indexOf('');
  if (empty !== -1) throw new UsageError(`The label ${where(empty)} is empty.`);
  const distinct = [...new Set(written)];
  const areWhole = distinct.every((label) => wholeNumber.test(label));
  const names = given.length > 0 ? checkedNames(given) : sorted(distinct, areWhole);
  const places = new Map(names.map((name, place) => [name, place]));
  const arePlaces = areWhole && distinct.some((label) => !places.has(label));
  const labels = written.map((label, place) => {
    const index = arePlaces ? Number(label) : places.get(label);
    if (index === undefined || index < 0 || index >= names.length) {
      throw new UsageError(`The label '${shown(label)}' ${where(place)} is no class: ${described(names, arePlaces)}.`);
    }
    return index;
  });
  return { classNames: names, labels };
}

/** The class names that were given. Throws UsageError where one is there twice. */
export function checkedNames(given: readonly string[]): readonly string[] {
  const twice = given.find((name, place) => given.indexOf(name) !== place);
  if (twice !== undefined) throw new UsageError(`Setting data_loader.class_names names the class ${twice} twice.`);
  return given;
}

function sorted(names: readonly string[], areWhole: boolean): string[] {
  return [...names].sort((a, b) => (areWhole && Number(a) - Number(b)) || (a < b ? -1 : 1));
}

function described(names: readonly string[], arePlaces: boolean): string {
  if (arePlaces) return `there are ${names.length} class names, so labels are 0 to ${names.length - 1}`;
  return `the classes are ${listed(names.map(shown))}`;
}

/** ` of 10 classes` for a description; nothing where there are none. */
export function ofClasses({ length }: readonly string[]): string {
  return length === 0 ? '' : ` of ${length} classes`;
}

/** Names for a sentence: all of a few, the first of many. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length <= 20 ? shown : `${shown} and ${names.length - 20} more`;
}
