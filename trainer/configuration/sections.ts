import { UsageError } from '../../src/errors.ts';
import { closest } from '../../src/util/closest.ts';
import type { Parameters } from '../parameters.ts';
import type { SettingText } from './from-text.ts';
import type { SettingPlaces } from './setting-error.ts';

/** The parts of the configuration that hold a component's parameters, or the training's own. */
export const sectionNames = [
  'data_loader',
  'augmentor',
  'preprocessor',
  'model_builder',
  'evaluator',
  'training',
  'export',
] as const;

export type SectionName = (typeof sectionNames)[number];

/** What was given of each section. */
export type SectionTexts = { readonly [Name in SectionName]?: Readonly<Record<string, SettingText>> };

export function isSectionName(name: string): name is SectionName {
  return (sectionNames as readonly string[]).includes(name);
}

/** What a person asked a training for, before the sections are read by the components that they belong to. */
export interface Settings {
  readonly parameters: Parameters;
  readonly sections: SectionTexts;
  readonly places: SettingPlaces;
}

/** The section of this name. Throws UsageError that names the nearest one where there is none. */
export function sectionNamed(name: string): SectionName {
  if (isSectionName(name)) return name;
  const nearest = closest(name, sectionNames);
  throw new UsageError(`There is no section named ${name}.`, {
    hint: nearest === undefined ? `There are ${sectionNames.join(', ')}.` : `Did you mean ${nearest}?`,
  });
}

/** The section and the path of a name as `model_builder.dropout_rate`; null for a name without a dot. */
export function splitName(name: string): { readonly section: string; readonly path: readonly string[] } | null {
  const [section = '', ...path] = name.split('.');
  return path.length === 0 ? null : { section, path };
}

/** The sections with one more value, which wins over what was there. */
export function withValue(
  sections: SectionTexts,
  section: SectionName,
  path: readonly string[],
  value: SettingText,
): SectionTexts {
  return { ...sections, [section]: placed(sections[section] ?? {}, path, value) };
}

function placed(
  values: Readonly<Record<string, SettingText>>,
  [key = '', ...path]: readonly string[],
  value: SettingText,
): Record<string, SettingText> {
  if (path.length === 0) return { ...values, [key]: value };
  const inner = values[key];
  const map = isMap(inner) ? (inner as Record<string, SettingText>) : {};
  return { ...values, [key]: placed(map, path, value) };
}

/** Those of the file, and over them, value by value, those of the command line. */
export function mergedSections(lower: SectionTexts, upper: SectionTexts): SectionTexts {
  let merged = lower;
  for (const section of sectionNames) {
    for (const [path, value] of leaves(upper[section] ?? {})) merged = withValue(merged, section, path, value);
  }
  return merged;
}

/** Whether a value is a map, as a section is. */
export function isMap(value: unknown): value is Readonly<Record<string, SettingText>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every value that is no map, with its path. */
export function* leaves(value: object, path: readonly string[] = []): Generator<[readonly string[], SettingText]> {
  for (const [key, item] of Object.entries(value) as [string, SettingText][]) {
    if (isMap(item)) yield* leaves(item, [...path, key]);
    else yield [[...path, key], item];
  }
}
