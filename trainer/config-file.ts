import { readFileSync } from 'node:fs';
import { errorCode, errorMessage, UsageError } from '../src/errors.ts';
import { closest } from '../src/util/closest.ts';
import { experimentNameProblem } from '../src/util/experiment-name.ts';
import { parseYaml } from '../src/util/yaml-file.ts';
import type { SettingText } from './configuration/from-text.ts';
import { isMap, isSectionName, type SectionTexts, sectionNamed } from './configuration/sections.ts';
import { atPlace, type SettingPlaces } from './configuration/setting-error.ts';
import { isParameterName, type ParameterValue, parameterNamed, parseValue } from './parameter-value.ts';
import { parameterNames } from './parameters.ts';

/** The experiment's name: the launcher's to read, and no parameter of a training. */
const projectNameKey = 'project_name';

/** What a configuration file gives: the values of some parameters, and sections of settings. */
export interface ConfigValues {
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly sections: SectionTexts;
  readonly places: SettingPlaces;
}

/**
 * The parameters of a configuration file: YAML whose keys are parameters, sections, and `project_name`.
 * Throws UsageError that names the file, and the line of what is wrong in it.
 */
export function readConfigFile(file: string): ConfigValues {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${errorMessage(error)}`;
    throw new UsageError(`The configuration file ${file} ${why}.`, { cause: error });
  }
  return parseConfig(text, file);
}

/** As `readConfigFile`, from the file's text. Values are read from the text as written, as on the command line. */
export function parseConfig(text: string, file: string): ConfigValues {
  const yaml = parseYaml(text, file);
  const content = yaml.content ?? {};
  if (!isMap(content)) {
    throw new UsageError(`${file}, ${yaml.locate([])}: expected lines of the form name: value.`);
  }
  const values: Record<string, ParameterValue> = {};
  let sections: SectionTexts = {};
  const places = new Map<string, string>();
  for (const path of namesIn(content)) places.set(path.join('.'), `${file}, ${yaml.locateKey(path)}`);
  for (const [key, value] of Object.entries(content)) {
    try {
      if (key === projectNameKey) {
        const problem = experimentNameProblem(value);
        if (problem !== null) throw new UsageError(`${projectNameKey} ${problem}.`);
        continue;
      }
      if (isSectionName(key) || (isMap(value) && !isParameterName(key))) {
        sections = { ...sections, [sectionNamed(key)]: sectionOf(key, value) };
        continue;
      }
      const name = keyNamed(key);
      if (value === null) throw new UsageError(`Parameter ${name} has no value.`);
      if (typeof value !== 'string') throw new UsageError(`Parameter ${name} must be a single value.`);
      values[name] = parseValue(name, value);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw atPlace(error, places.get(key) ?? file);
    }
  }
  return { values, sections, places };
}

/** As `parameterNamed`, where the nearest name may also be that of the experiment. */
function keyNamed(key: string): ReturnType<typeof parameterNamed> {
  if (!isParameterName(key) && closest(key, [...parameterNames, projectNameKey]) === projectNameKey) {
    throw new UsageError(`There is no parameter named ${key}.`, { hint: `Did you mean ${projectNameKey}?` });
  }
  return parameterNamed(key);
}

/** The path of every name, those of maps and those in them. */
function* namesIn(map: Readonly<Record<string, SettingText>>, above: readonly string[] = []): Generator<string[]> {
  for (const [key, value] of Object.entries(map)) {
    const path = [...above, key];
    yield path;
    if (isMap(value)) yield* namesIn(value, path);
  }
}

function sectionOf(name: string, value: unknown): Readonly<Record<string, SettingText>> {
  if (value === null) return {};
  if (!isMap(value)) throw new UsageError(`Section ${name} must hold lines of the form name: value.`);
  return value;
}
