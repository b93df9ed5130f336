import type { DryRun } from '../launch/dry-run.ts';
import type { Look } from '../report/look.ts';
import { printable, textWidth, wrap } from '../report/text-width.ts';

type Row = readonly [title: string, ...lines: readonly string[]];

/** What a launch would do, for a person: one fact a line, under its name. */
export function dryRunPage(run: DryRun, look: Look): string[] {
  const rows = [...headRows(run), ...programRows(run), ...recordRows(run)].filter(([, ...lines]) => lines.length > 0);
  const width = Math.max(...rows.map(([title]) => textWidth(title)));
  const room = Math.max(20, look.columns - width - 4);
  return [
    look.paint.strong('Dry run: nothing was made. A launch would do this.'),
    '',
    ...rows.flatMap(([title, ...lines]) =>
      lines
        .flatMap((line) => wrap(printable(line), room))
        .map((line, index) => `  ${look.paint.faint((index === 0 ? title : '').padEnd(width))}  ${line}`),
    ),
  ];
}

function headRows({ runName, attempt, project, source, engine, image, process }: DryRun): Row[] {
  const commit = source.commit === null ? 'outside git' : `commit ${source.commit.slice(0, 12)}`;
  const branch = source.branch === null ? '' : `, branch ${source.branch}`;
  const state = source.dirty ? ', with changes' : '';
  return [
    ['run', attempt === 1 ? runName : `${runName}, attempt ${attempt}`],
    ['project', `${project.uri} (${commit}${branch}${state})`],
    ['entry point', project.entryPoint],
    ['engine', `${engine.name}: ${engine.reason}`],
    ...(image === null ? [] : [imageRow(image)]),
    ...(process?.needsTensorflow === true
      ? [['prepares', 'TensorFlow on this machine, where it is not ready'] as Row]
      : []),
  ];
}

function imageRow({ reference, action, reason, base, target, builtFirst }: NonNullable<DryRun['image']>): Row {
  const on = base === null ? '' : `on ${base}`;
  const upTo = target === null ? '' : `up to the stage ${target}`;
  const how = [on, upTo].filter(Boolean).join(', ');
  return [
    'image',
    action === 'reuse' ? `${reference}, used as it is: ${reason}` : `${reference}, to be built: ${reason}`,
    ...(action === 'build' && how !== '' ? [`built ${how}`] : []),
    ...(builtFirst === null ? [] : [`before it, the trainer ${builtFirst} is built`]),
  ];
}

function programRows(run: DryRun): Row[] {
  const { container, process, gpus } = run;
  const files: Row[] = [
    ['variables of', ...Object.entries(run.envFiles).map(([file, names]) => `${file}: ${names.join(', ')}`)],
    ['secrets', ...Object.entries(run.secretFiles).map(([name, file]) => `${name}, the file ${file}`)],
  ];
  const command: Row = ['command', ...run.command.trimEnd().split('\n')];
  if (container === null) {
    return [
      command,
      ['folder', process?.directory ?? ''],
      ['user', 'this one, with all its rights; limits do not hold'],
      ['gpus', gpus ?? 'none'],
      ['variables', `${process?.environment.join(', ')}, and those of this shell`],
      ...files,
    ];
  }
  const { limits, mounts } = container;
  const rights = container.readOnlyRoot ? 'read-only root' : 'writable root';
  return [
    command,
    ['container', container.name],
    ['user', `${container.user}: ${rights}, capabilities ${container.capabilities}, no new privileges`],
    ['mounts', ...mounts.map(mountLine)],
    [
      'limits',
      [
        `processors ${limits.cpus ?? 'all'}`,
        `memory ${limits.memoryMiB === null ? 'all' : `${limits.memoryMiB} MiB`}`,
        `/dev/shm ${limits.shmMiB === null ? "the engine's default" : `${limits.shmMiB} MiB`}`,
        `processes ${limits.pids ?? 'any number'}`,
      ].join(', '),
    ],
    ['gpus', gpus ?? 'none'],
    ['network', container.network],
    ['variables', container.environment.join(', ')],
    ...files,
  ];
}

function mountLine({ source, target, readOnly, sizeMiB }: NonNullable<DryRun['container']>['mounts'][number]): string {
  const from = source ?? (sizeMiB === null ? 'empty' : `empty, ${sizeMiB} MiB in memory`);
  return `${target} (${from}${readOnly ? ', read-only' : ''})`;
}

function recordRows(run: DryRun): Row[] {
  const { server, parameters, tags } = run;
  const { name, id, state } = server.experiment;
  const states = { exists: 'is there', made: 'will be made', restored: 'was deleted, and will be brought back' };
  const known = id === null ? '' : ` (${id})`;
  return [
    ['storage', run.storage],
    ['run folder', run.runFolder],
    ['server', server.uri ?? serverWords[server.kind]],
    ['experiment', `${name ?? 'the one of this id'}${known}, ${states[state]}`],
    ['model', run.registerModel ?? 'none is registered'],
    ['config', ...(run.configFile === null ? [] : [run.configFile])],
    ['parameters', ...Object.entries(parameters).map(([key, value]) => `${key}=${value}`)],
    ['tags', ...Object.entries(tags).map(([key, value]) => `${key}=${value}`)],
  ];
}

/** What is said of a server that has no address yet. */
const serverWords = {
  named: 'the one that is named',
  embedded: 'the one that comes with Slipway, to be started',
  none: 'none: the run is recorded in its folder, and slipway sync brings it to one',
} as const;
