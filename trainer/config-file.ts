import { readFileSync } from 'node:fs';
import { errorCode, errorMessage, UsageError } from '../src/errors.ts';
import { parseYaml } from '../src/util/yaml-file.ts';
import { type ParameterValue, parameterNamed, parseValue } from './parameter-value.ts';

/** The values of some parameters, by name. */
export type ConfigValues = Readonly<Record<string, ParameterValue>>;

/**
 * The parameters of a configuration file: YAML whose keys are parameters.
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
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new UsageError(`${file}, ${yaml.locate([])}: expected lines of the form name: value.`);
  }
  const values: Record<string, ParameterValue> = {};
  for (const [key, value] of Object.entries(content)) {
    try {
      const name = parameterNamed(key);
      if (value === null) throw new UsageError(`Parameter ${name} has no value.`);
      if (typeof value !== 'string') throw new UsageError(`Parameter ${name} must be a single value.`);
      values[name] = parseValue(name, value);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { hint } = error;
      throw new UsageError(`${file}, ${yaml.locateKey([key])}: ${error.message}`, {
        cause: error,
        ...(hint === undefined ? {} : { hint }),
      });
    }
  }
  return values;
}
