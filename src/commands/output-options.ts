import type { Argv } from 'yargs';
import { createLook, type Look } from '../report/look.ts';
import { commonGroup } from './help-text.ts';

/** What every verb can be asked about how it answers. `json` says whether the verb can answer in JSON. */
export function withOutputOptions<Arguments>(
  arguments_: Argv<Arguments>,
  { json = true }: { readonly json?: boolean } = {},
): Argv<Arguments> {
  const output = json
    ? arguments_.option('json', { type: 'boolean', default: false, describe: 'Answer in JSON, on standard output' })
    : arguments_;
  return output
    .option('color', { type: 'boolean', describe: 'Colours; --no-color for none', defaultDescription: 'on a terminal' })
    .group(['json', 'color', 'debug', 'help', 'version'], commonGroup) as Argv<Arguments>;
}

/** The look of an answer on standard output. */
export function openLook(
  given: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Look {
  const color = typeof given.color === 'boolean' ? given.color : undefined;
  return createLook({ stream: process.stdout, color, environment });
}
