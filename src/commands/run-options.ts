import type { Argv, Options } from 'yargs';
import { usualRequest } from '../launch/request.ts';
import { withOutputOptions } from './output-options.ts';

/** Options of `slipway run`, each with a variable that sets it: `--base-image` by SLIPWAY_BASE_IMAGE. */
export const runOptions = {
  version: {
    alias: 'v',
    type: 'string',
    describe: "Branch, tag or commit of the project's repository",
    defaultDescription: 'its default branch',
  },
  'entry-point': {
    alias: 'e',
    type: 'string',
    default: usualRequest.entryPoint,
    describe: 'Entry point of the MLproject, or a script',
  },
  parameter: {
    alias: 'P',
    type: 'string',
    array: true,
    nargs: 1,
    default: [] as string[],
    defaultDescription: "the MLproject's",
    describe: 'A parameter, as -P name=value; repeatable',
  },
  resume: {
    type: 'string',
    describe: 'Go on with this run (its id, the start of it, or its name) where it was interrupted',
  },
  config: {
    type: 'string',
    describe: "YAML file of the project with the trainer's parameters; -P wins over it",
    defaultDescription: 'runs/<run name>/config.yaml if it is there',
  },
  'run-name': { type: 'string', describe: 'Name of the run', defaultDescription: 'drawn' },
  'experiment-name': { type: 'string', describe: 'Experiment, made where it is missing' },
  'experiment-id': { type: 'string', describe: 'Experiment by its id' },
  'restore-experiment': {
    type: 'boolean',
    default: false,
    describe: 'Bring the experiment back where it was deleted, with its runs',
  },
  offline: {
    type: 'boolean',
    default: false,
    describe: 'Speak to no tracking server: record the run in its folder; slipway sync brings it to one',
  },
  'offline-ok': {
    type: 'boolean',
    default: false,
    describe: 'Where the tracking server is away, begin without it, and send everything when it answers',
  },
  detach: {
    alias: 'd',
    type: 'boolean',
    default: false,
    describe: 'Launch, print the id of the run, and do not watch it',
  },
  engine: {
    alias: 'b',
    choices: ['auto', 'docker', 'host'] as const,
    default: usualRequest.engine,
    describe: 'Where to run: in Docker, on the host without a container, or what there is',
  },
  gpus: {
    type: 'string',
    describe: 'GPUs to train on, as for docker: all, a number, or device=0,1',
    defaultDescription: 'none',
  },
  storage: {
    type: 'string',
    describe: 'Folder for data and runs, /storage in the container',
    defaultDescription: '/storage if it can be written, else storage',
  },
  'base-image': { type: 'string', describe: 'Image to build upon', defaultDescription: 'node:24-slim' },
  'register-model': {
    type: 'string',
    describe: 'Name to register the model under; empty for none',
    defaultDescription: "the project's name",
  },
  env: {
    type: 'string',
    array: true,
    nargs: 1,
    default: [] as string[],
    defaultDescription: 'none',
    describe: 'Name of a variable to hand on to the program; its value is never shown or kept',
  },
  'env-file': {
    type: 'string',
    array: true,
    nargs: 1,
    default: [] as string[],
    defaultDescription: 'none',
    describe: 'File of variables for the program, NAME=value a line, as for docker; repeatable',
  },
  secret: {
    type: 'string',
    array: true,
    nargs: 1,
    default: [] as string[],
    defaultDescription: 'none',
    describe: 'A file the program reads as /run/secrets/NAME, as --secret NAME=FILE; repeatable',
  },
  cpus: { type: 'number', describe: 'Processors the container may use' },
  memory: { type: 'string', describe: 'Memory the container may use, as 512m or 8g' },
  'shm-size': { type: 'string', describe: 'Size of /dev/shm in the container, as 1g' },
  'pids-limit': { type: 'number', default: usualRequest.pids, describe: 'Processes the container may hold' },
  'dry-run': { type: 'boolean', describe: 'Say what would be done, and do nothing of it' },
  'drain-timeout': {
    type: 'number',
    default: usualRequest.drainTimeoutMs / 1000,
    describe: 'Seconds to wait, after the end, for all values to reach the server',
  },
  'stop-grace': {
    type: 'number',
    default: usualRequest.stopGraceMs / 1000,
    describe: 'Seconds between a polite stop and a forced one',
  },
  'system-metrics-interval': {
    type: 'number',
    default: usualRequest.systemMetricsIntervalMs / 1000,
    describe: 'Seconds between two samples of CPU, memory, disk, network and GPUs; 0 for none',
  },
} as const satisfies Record<string, Options>;

/** The variable that sets an option: `run-name` is SLIPWAY_RUN_NAME. */
export function variableOf(option: string): string {
  // SLIPWAY_RESUME is what a program is told that goes on, which may launch runs itself.
  if (option === 'resume') return 'SLIPWAY_RESUME_RUN';
  return `SLIPWAY_${option.toUpperCase().replaceAll('-', '_')}`;
}

/** Options in groups, as the help shows them. */
export function withRunOptions<Arguments>(arguments_: Argv<Arguments>): Argv<Arguments> {
  const own = arguments_
    // The program's own version is asked of `slipway` itself.
    .version(false)
    .options(runOptions)
    .conflicts('experiment-name', 'experiment-id')
    .group(
      [
        ...[
          'version',
          'entry-point',
          'parameter',
          'resume',
          'config',
          'run-name',
          'experiment-name',
          'experiment-id',
          'restore-experiment',
        ],
        'register-model',
        'offline',
        'offline-ok',
      ],
      'What to run:',
    )
    .group(
      [
        'engine',
        'gpus',
        'storage',
        'base-image',
        'env',
        'env-file',
        'secret',
        'cpus',
        'memory',
        'shm-size',
        'pids-limit',
      ],
      'Where to run it:',
    )
    .group(
      ['dry-run', 'detach', 'system-metrics-interval', 'drain-timeout', 'stop-grace'],
      'How it goes:',
    ) as Argv<Arguments>;
  return withOutputOptions(own, { json: 'events', version: false });
}
