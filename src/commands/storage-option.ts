import type { Argv } from 'yargs';

/** Where a verb that goes to runs of this machine looks for them. */
export function withStorageOption<Arguments>(arguments_: Argv<Arguments>): Argv<Arguments> {
  return arguments_
    .option('storage', {
      type: 'string',
      describe: 'This storage folder alone',
      defaultDescription: 'all you have launched into',
    })
    .group(['storage'], 'Where to look:') as Argv<Arguments>;
}
