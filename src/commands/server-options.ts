import type { Argv } from 'yargs';

/** Where a verb that looks back finds its server, and the run folders of this machine. */
export function withServerOptions<Arguments>(arguments_: Argv<Arguments>): Argv<Arguments> {
  return arguments_
    .option('storage', {
      type: 'string',
      describe: 'Storage folder whose tracking server and run folders are meant, where it is not the default one',
    })
    .group(['storage'], 'Where they are:') as Argv<Arguments>;
}
