import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  forbiddenImports,
  parseSourceModule,
  readSourceModules,
  roomCycles,
  roomOf,
  type SourceModule,
} from '../support/source-modules.ts';

const base = ['src/config', 'src/errors', 'src/util'];
const lowest = [...base, 'src/events', 'src/event-schema'];
const rooms = [
  ...['launch', 'agent', 'executors', 'image', 'docker', 'project', 'source', 'stream', 'mlflow', 'artifacts'],
  ...['tracking', 'http', 'runs', 'runlog', 'report', 'trainer-program', 'init', 'doctor', 'history', 'machine'],
  ...['completion', 'system-metrics'],
].map((name) => `src/${name}`);

/** Which rooms of the house may import which: `docs/architecture.md`, "Folders". */
const table: Readonly<Record<string, readonly string[]>> = {
  'src/cli': ['src/commands', 'src/report', ...lowest],
  'src/index': ['src/library', ...rooms, ...lowest],
  'src/library': ['src/launch', 'src/runlog', ...lowest],
  'src/commands': [...rooms, ...lowest],
  'src/launch': [
    'src/machine',
    ...['src/agent', 'src/executors', 'src/image', 'src/project', 'src/source', 'src/runs', 'src/runlog', 'src/mlflow'],
    'src/trainer-program',
    ...lowest,
  ],
  'src/machine': [
    ...['src/agent', 'src/executors', 'src/image', 'src/docker', 'src/runs', 'src/runlog', 'src/report'],
    ...lowest,
  ],
  'src/agent': [
    ...['src/executors', 'src/stream', 'src/mlflow', 'src/runs', 'src/runlog', 'src/artifacts', 'src/tracking'],
    ...['src/system-metrics', ...lowest],
  ],
  'src/system-metrics': ['src/executors', 'src/runlog', ...lowest],
  'src/init': ['src/project', 'src/source', 'src/trainer-program', ...lowest],
  'src/executors': ['src/image', 'src/docker', 'src/runs', 'src/trainer-program', ...lowest],
  'src/image': ['src/docker', 'src/source', 'src/trainer-program', ...lowest],
  'src/trainer-program': lowest,
  'src/docker': lowest,
  'src/project': lowest,
  'src/source': lowest,
  'src/stream': ['src/mlflow', 'src/runlog', 'src/artifacts', 'src/runs', ...lowest],
  'src/mlflow': ['src/http', ...lowest],
  'src/artifacts': ['src/http', 'src/mlflow', ...lowest],
  'src/tracking': ['src/http', 'src/docker', 'src/image', ...lowest],
  'src/doctor': [
    ...['src/docker', 'src/image', 'src/executors', 'src/project', 'src/mlflow', 'src/artifacts', 'src/tracking'],
    ...['src/source', 'src/report', ...lowest],
  ],
  'src/http': lowest,
  'src/runs': base,
  'src/runlog': lowest,
  'src/report': lowest,
  'src/completion': ['src/runs', ...lowest],
  'src/history': [...['src/mlflow', 'src/tracking', 'src/project', 'src/runs', 'src/runlog', 'src/report'], ...lowest],
  // The states of a run are part of what an event says.
  'src/events': ['src/runs'],
  'src/event-schema': ['src/events'],
  'src/errors': [],
  'src/config': [],
  'src/util': ['src/errors'],
};

/** What the trainer may import of `src`. */
const trainerMayImport = ['src/runlog', ...lowest];

/** The commands of `slipway`; what they share lies in other files of their room. */
const verbs = [
  ...['run', 'ps', 'logs', 'attach', 'stop', 'sync', 'rm', 'runs', 'compare', 'rerun', 'sweep', 'models', 'artifacts'],
  ...['predict', 'serve', 'deliver', 'prune', 'supervise', 'tracking', 'doctor', 'init', 'agent', 'engine'],
  'completion',
];

const checkout = resolve(import.meta.dirname, '../..');
const modules = readSourceModules(checkout, ['src', 'trainer']);
const launcher = modules.filter(({ path }) => path.startsWith('src/'));
const trainer = modules.filter(({ path }) => path.startsWith('trainer/'));

function pathsThat(holds: (module: SourceModule) => boolean): string[] {
  return modules.filter(holds).map(({ path }) => path);
}

describe('the direction of imports', () => {
  it('follows the table', () => {
    expect(forbiddenImports(launcher, table)).toEqual([]);
  });

  it('leads from no room back to itself', () => {
    expect(roomCycles(modules)).toEqual([]);
  });

  it('never leads from one command to another', () => {
    const isCommand = (path: string) => verbs.some((verb) => path === `src/commands/${verb}.ts`);
    const offences = launcher
      .filter(({ path }) => isCommand(path))
      .flatMap(({ path, imports }) => imports.filter(isCommand).map((target) => `${path} imports ${target}`));
    expect(offences).toEqual([]);
  });

  it('lets the trainer see the run log, and the stream in one place', () => {
    const outside = trainer.flatMap(({ path, imports }) =>
      imports
        .filter((target) => target.startsWith('src/') && !trainerMayImport.includes(roomOf(target)))
        .map((target) => ({ path, room: roomOf(target) })),
    );
    expect(outside.filter(({ room }) => room !== 'src/stream' && room !== 'src/mlflow')).toEqual([]);
    expect(new Set(outside.map(({ path }) => path)).size).toBeLessThanOrEqual(1);
  });

  it('never leads from src to the trainer', () => {
    expect(launcher.filter(({ imports }) => imports.some((target) => target.startsWith('trainer/')))).toEqual([]);
  });
});

describe('what belongs to one place', () => {
  it('keeps each library of an external system behind its one adapter', () => {
    const owners: Readonly<Record<string, string>> = { 'docker-modem': 'src/docker', undici: 'src/http' };
    const offences = modules.flatMap(({ path, packages }) =>
      packages
        .filter((name) => owners[name] !== undefined && owners[name] !== roomOf(path))
        .map((name) => `${path} imports ${name}`),
    );
    expect(offences).toEqual([]);
  });

  it('reads the environment only in the configuration', () => {
    const readers = pathsThat(({ members }) => members.has('process.env'));
    expect(readers.filter((path) => path !== 'src/config.ts' && path !== 'trainer/config.ts')).toEqual([]);
  });

  it('ends the process only in the command line', () => {
    expect(pathsThat(({ path, members }) => members.has('process.exit') && path !== 'src/cli.ts')).toEqual([]);
  });

  it('writes to the console only in reports and the command line', () => {
    const writers = pathsThat(({ members }) => [...members].some((name) => name.startsWith('console.')));
    expect(writers.filter((path) => path !== 'src/cli.ts' && roomOf(path) !== 'src/report')).toEqual([]);
  });

  it('keeps every file within 300 lines', () => {
    const long = modules.filter(({ lineCount }) => lineCount > 300);
    expect(long.map(({ path, lineCount }) => `${path}: ${lineCount} lines`)).toEqual([]);
  });
});

describe('the reading of imports', () => {
  it('sees imports of every kind, packages and members', () => {
    const module = parseSourceModule(
      'src/a/one.ts',
      `import type { B } from '../b/two.ts';
       export { c } from '../c.ts';
       import { x } from '@scope/name/deep';
       import { readFile } from 'node:fs';
       type D = import('../d/three.ts').D;
       const e: unknown = await import('../e/four.ts');
       // import '../not/this.ts'
       console.log(process.env.HOME);`,
    );
    expect(module.imports.toSorted()).toEqual(['src/b/two.ts', 'src/c.ts', 'src/d/three.ts', 'src/e/four.ts']);
    expect(module.packages).toEqual(['@scope/name']);
    expect([...module.members].toSorted()).toEqual(['console.log', 'process.env']);
  });

  it('names an import against the table, and a room without a row', () => {
    const made = [
      parseSourceModule('src/low/one.ts', "import '../high/two.ts'; import './own.ts';"),
      parseSourceModule('src/new/three.ts', ''),
    ];
    expect(forbiddenImports(made, { 'src/low': [] })).toEqual([
      'src/low/one.ts imports src/high/two.ts, and src/low may not import src/high',
      'src/new/three.ts lives in src/new, which has no row in the table',
    ]);
  });

  it('finds a circle over several rooms', () => {
    const made = [
      parseSourceModule('src/a/x.ts', "import '../b/x.ts';"),
      parseSourceModule('src/b/x.ts', "import '../c.ts';"),
      parseSourceModule('src/c.ts', "import './a/y.ts';"),
    ];
    expect(roomCycles(made)).toEqual(['src/a > src/b > src/c > src/a']);
  });
});
