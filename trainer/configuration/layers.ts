import type { ParameterValue } from '../parameter-value.ts';
import { leaves, mergedSections, type SectionName, type SectionTexts } from './sections.ts';
import { shortNames } from './short-names.ts';

/** What one source of settings says: the command line, a file, or the defaults of a command. */
export interface Layer {
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly sections: SectionTexts;
}

/** Both, value by value, where the upper one wins: also over a setting that it gives by its short name. */
export function laidOver(lower: Layer, upper: Layer): Layer {
  let { sections } = lower;
  for (const [name, section, key] of shortNames) {
    if (Object.hasOwn(upper.values, name)) sections = without(sections, section, key);
  }
  return { values: { ...lower.values, ...upper.values }, sections: mergedSections(sections, upper.sections) };
}

/** The full name of everything that a layer gives. */
export function namesOf({ values, sections }: Layer): string[] {
  return [...Object.keys(values), ...[...leaves(sections)].map(([path]) => path.join('.'))];
}

/** The layer in two: what has one of these names, and the rest. */
export function splitLayer(layer: Layer, names: ReadonlySet<string>): { readonly named: Layer; readonly rest: Layer } {
  const part = (isWanted: (name: string) => boolean): Layer => ({
    values: Object.fromEntries(Object.entries(layer.values).filter(([name]) => isWanted(name))),
    sections: Object.fromEntries(
      Object.entries(layer.sections).map(([section, texts]) => [section, kept(texts, section, isWanted)]),
    ),
  });
  return { named: part((name) => names.has(name)), rest: part((name) => !names.has(name)) };
}

type Texts = NonNullable<SectionTexts[SectionName]>;

function kept(texts: Texts, path: string, isWanted: (name: string) => boolean): Texts {
  const entries = Object.entries(texts).flatMap(([key, value]): [string, Texts[string]][] => {
    const name = `${path}.${key}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return isWanted(name) ? [[key, value]] : [];
    const inner = kept(value as Texts, name, isWanted);
    return Object.keys(inner).length === 0 ? [] : [[key, inner]];
  });
  return Object.fromEntries(entries);
}

function without(sections: SectionTexts, section: SectionName, key: string): SectionTexts {
  const { [key]: dropped, ...rest } = sections[section] ?? {};
  return dropped === undefined ? sections : { ...sections, [section]: rest };
}
