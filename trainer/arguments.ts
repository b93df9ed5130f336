import { parseArgs } from 'node:util';
import { UsageError } from '../src/errors.ts';
import { readConfigFile } from './config-file.ts';
import { type Layer, laidOver, namesOf, splitLayer } from './configuration/layers.ts';
import { type SectionTexts, type Settings, sectionNamed, splitName, withValue } from './configuration/sections.ts';
import { type ParameterValue, parameterNamed, parseValue } from './parameter-value.ts';
import { type Parameters, parameterDescriptions, parameterNames } from './parameters.ts';

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'describe' }
  /** Nothing but to say what a training would use. */
  | {
      readonly kind: 'check';
      readonly settings: Settings;
      /** False where the files of a person's own classes are found and not run. */
      readonly runsCode: boolean;
    }
  | { readonly kind: 'self-check' }
  | { readonly kind: 'train'; readonly settings: Settings };

/**
 * Reads `--name value` and `--name=value`; names may be written with dashes or underscores. A value given so wins over
 * the one in the file of `--config`, and that one over the default. What `--defaulted` names stands on the command line
 * as a default of the command's own: the file wins over it.
 * Throws UsageError for an unknown name, a missing value, a wrong type or bound, a file that cannot be used, and values
 * that do not go together.
 */
export function parseArguments(argv: readonly string[]): Request {
  const given: Record<string, ParameterValue> = {};
  let sections: SectionTexts = {};
  let configFile: string | null = null;
  let isCheck = false;
  let runsCode = true;
  const defaulted = new Set<string>();
  for (const token of tokensOf(argv)) {
    if (token.kind !== 'option') {
      const text = token.kind === 'positional' ? token.value : '--';
      throw new UsageError(`'${text}' is not a parameter: parameters are written --name value.`);
    }
    if (token.name === 'help' || token.name === 'h') return { kind: 'help' };
    if (token.name === 'describe') return { kind: 'describe' };
    if (token.name === 'self-check') return { kind: 'self-check' };
    if (token.name === 'check' && token.value === undefined) {
      isCheck = true;
    } else if (token.name === 'keep-code-unread' && token.value === undefined) {
      runsCode = false;
    } else if (token.name === 'config') {
      if (!token.value) throw new UsageError('--config needs the name of a file.');
      configFile = token.value;
    } else if (token.name === 'defaulted') {
      if (!token.value) throw new UsageError('--defaulted needs names of parameters, as in epochs,batch_size.');
      for (const name of token.value.split(',')) defaulted.add(name.trim().replaceAll('-', '_'));
    } else {
      const spelled = token.name.replaceAll('-', '_');
      const inSection = splitName(spelled);
      if (inSection !== null) {
        if (token.value === undefined) throw new UsageError(`Setting ${spelled} has no value.`);
        sections = withValue(sections, sectionNamed(inSection.section), inSection.path, token.value);
      } else {
        const name = parameterNamed(spelled);
        if (token.value === undefined) throw new UsageError(`Parameter ${name} has no value.`);
        given[name] = parseValue(name, token.value);
      }
    }
  }
  const settings = settingsOf({ values: given, sections }, defaulted, configFile);
  if (isCheck) return { kind: 'check', settings, runsCode };
  if (!runsCode) throw new UsageError('--keep-code-unread goes with --check: a training runs its classes.');
  return { kind: 'train', settings };
}

/** From the weakest to the strongest: the defaults, those of the command, the file, the command line. */
function settingsOf(line: Layer, defaulted: ReadonlySet<string>, configFile: string | null): Settings {
  const unknown = [...defaulted].find((name) => !namesOf(line).includes(name));
  if (unknown !== undefined) throw new UsageError(`--defaulted names ${unknown}, which has no value beside it.`);
  const { named: weak, rest: typed } = splitLayer(line, defaulted);
  const configured = configFile === null ? { values: {}, sections: {}, places: new Map() } : readConfigFile(configFile);
  const { values, sections } = laidOver(laidOver(weak, configured), typed);
  const defaults = parameterNames.map((name) => [name, parameterDescriptions[name].default] as const);
  const onLine = (layer: Layer) => namesOf(layer).map((name) => [name, null] as const);
  return {
    parameters: { ...Object.fromEntries(defaults), ...values } as Parameters,
    sections,
    places: new Map([...onLine(weak), ...configured.places, ...onLine(typed)]),
  };
}

function tokensOf(argv: readonly string[]) {
  // parseArgs would take the dash of `--learning-rate -1` for an option and hide the better message about the bound.
  const joined: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] as string;
    const next = argv[index + 1];
    if (argument.startsWith('--') && !argument.includes('=') && next !== undefined && !next.startsWith('--')) {
      joined.push(`${argument}=${next}`);
      index += 1;
    } else joined.push(argument);
  }
  return parseArgs({ args: joined, strict: false, tokens: true }).tokens;
}
