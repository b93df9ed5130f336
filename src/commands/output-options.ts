import type { Argv } from 'yargs';
import { createLook, type Look } from '../report/look.ts';
import { commonGroup } from './help-text.ts';
import { isOn } from './verbosity.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

export interface OutputOptions {
  /** Whether the verb can answer in JSON, and in what: one document, or one object a line while things happen. */
  readonly json?: boolean | 'events';
  /** Whether `--version` asks for Slipway's own version; by default it does. */
  readonly version?: boolean;
}

/** What every verb can be asked about how it answers. */
export function withOutputOptions<Arguments>(
  arguments_: Argv<Arguments>,
  { json = true, version = true }: OutputOptions = {},
): Argv<Arguments> {
  const describe =
    json === 'events' ? 'One JSON object a line on standard output' : 'Answer in JSON, on standard output';
  const output = json === false ? arguments_ : arguments_.option('json', { type: 'boolean', describe });
  // yargs shows also what is in a group and is no option, or is in two.
  const shown = ['color', 'quiet', 'verbose', 'debug', 'help'];
  return output
    .option('color', { type: 'boolean', describe: 'Colours; --no-color for none', defaultDescription: 'on a terminal' })
    .group(
      [...(json === false ? [] : ['json']), ...shown, ...(version ? ['version'] : [])],
      commonGroup,
    ) as Argv<Arguments>;
}

/** Whether the answer is to be JSON. */
export function wantsJson(given: Given, environment: Environment): boolean {
  return isOn('json', given, environment);
}

/** The look of an answer on standard output, or of what is told on standard error. */
export function openLook(given: Given, environment: Environment, stream: NodeJS.WriteStream = process.stdout): Look {
  return createLook({ stream, color: chosenColor(given, environment), environment });
}

function chosenColor(given: Given, environment: Environment): boolean | undefined {
  if (typeof given.color === 'boolean') return given.color;
  return environment.SLIPWAY_COLOR ? isOn('color', given, environment) : undefined;
}
