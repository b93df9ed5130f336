import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellImageFiles, writeZip } from '../support/cell-images.ts';
import { DocumentShell } from '../support/document-shell.ts';
import { codeBlocks, documentedCommands, firstMissing, inlineCommands } from '../support/documented-commands.ts';
import {
  type GitProject,
  gitProject,
  type MlflowServer,
  pythonPath,
  requireDocker,
  skip,
  startMlflow,
  type TemporaryDirectory,
  temporaryDirectory,
} from '../support/index.ts';

const checkout = resolve(import.meta.dirname, '../..');
const read = (document: string): string => readFileSync(join(checkout, document), 'utf8');

/** What the outputs in the documents were written down at. */
const columns = 110;
const login = { username: 'me', password: 'long-enough-for-mlflow' };

/** A newcomer at a terminal: an empty folder, an empty home, and the storage where it is by default. */
interface Newcomer extends AsyncDisposable {
  readonly folder: TemporaryDirectory;
  readonly storage: string;
  readonly shell: DocumentShell;
}

async function newcomer(): Promise<Newcomer> {
  await requireDocker();
  if (canWrite('/storage')) skip('/storage can be written here: what a newcomer does would go there');
  const folder = await temporaryDirectory('slipway-newcomer-');
  const home = folder.join('home');
  mkdirSync(home);
  // Where packages come from on this machine is no habit of the person but a property of its network.
  const npmSettings = join(homedir(), '.npmrc');
  if (existsSync(npmSettings)) copyFileSync(npmSettings, join(home, '.npmrc'));
  const storage = folder.join('slipway', 'storage');
  const environment = {
    HOME: home,
    XDG_CACHE_HOME: undefined,
    npm_config_cache: process.env.npm_config_cache || join(homedir(), '.npm'),
  };
  const shell = new DocumentShell({ folder: folder.path, columns, environment });
  return {
    folder,
    storage,
    shell,
    async [Symbol.asyncDispose]() {
      if (existsSync(folder.join('slipway', 'bin'))) {
        await shell.run(`'${folder.join('slipway', 'bin', 'slipway')}' tracking down --storage '${storage}'`);
      }
      await folder.remove();
    },
  };
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Types a command, and holds what it printed to what the document shows. */
async function type(shell: DocumentShell, command: string, output: readonly string[]): Promise<void> {
  const end = await shell.run(command);
  const printed = end.lines.join('\n');
  expect(end.exitCode, `${command}\n${printed}`).toBe(0);
  expect(firstMissing(output, end.lines), printed).toBeNull();
}

describe('the tutorial', () => {
  let reader: Newcomer;
  beforeAll(async () => {
    reader = await newcomer();
  });
  afterAll(() => reader?.[Symbol.asyncDispose]());

  it.each(documentedCommands(read('docs/tutorial.md')))('line $line: $command', async ({ command, output }) => {
    await type(reader.shell, command.replace('<this repository>', checkout), output);
  });

  it('has a first run whose image was made while the server was started', () => {
    const [first = ''] = readdirSync(join(reader.storage, 'runs')).sort();
    const journal = readFileSync(join(reader.storage, 'runs', first, 'logs', 'agent.log'), 'utf8').split('\n');
    const at = (type: string, id: string): number =>
      journal.findIndex((line) => line.includes(`"type":"${type}"`) && line.includes(`"id":"${id}"`));
    expect(at('step-started', 'prepare')).toBeGreaterThan(-1);
    expect(at('step-started', 'prepare')).toBeLessThan(at('step-finished', 'tracking'));
  });
});

describe('the README', () => {
  const readme = read('README.md');
  let reader: Newcomer;
  let server: MlflowServer;
  let echo: GitProject;
  /** By what they begin with: what a command needs, and what is typed in place of what a reader puts in. */
  const before: Readonly<Record<string, () => void | Promise<void>>> = {
    'make run P="data=/storage/cell_images.zip': async () => {
      mkdirSync(reader.storage, { recursive: true });
      await writeZip(join(reader.storage, 'cell_images.zip'), cellImageFiles({ patients: 10, cells: 6, size: 20 }));
    },
  };
  const typed = (command: string): string =>
    command
      .replace('<this repository>', checkout)
      .replace('https://mlflow.example', server.uri)
      .replace('MLFLOW_TRACKING_PASSWORD=secret', `MLFLOW_TRACKING_PASSWORD=${login.password}`)
      .replace('path/to/project', `${echo.path} -e log -P values=3 --engine host`)
      .replace(/^(slipway|bin\/slipway) /, 'bin/slipway ')
      .replace('<run>', 'second')
      .replace(/ NAME$/, ' demo');

  beforeAll(async () => {
    reader = await newcomer();
    server = await startMlflow({ auth: login });
    echo = await gitProject('echo');
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await echo?.[Symbol.asyncDispose]();
    await reader?.[Symbol.asyncDispose]();
  });

  it.each(documentedCommands(readme))('line $line: $command', async ({ command, output }) => {
    const [, prepare] = Object.entries(before).find(([start]) => command.startsWith(start)) ?? [];
    await prepare?.();
    await type(reader.shell, typed(command), output);
  });

  it('gives Python that loads the model', async () => {
    const code = codeBlocks(readme).filter(({ language }) => language === 'python');
    expect(code).toHaveLength(1);
    const script = reader.folder.join('load.py');
    writeFileSync(script, `${code[0]!.text}\nprint(model.metadata.signature)\n`);
    const { stdout } = await promisify(execFile)(await pythonPath(), [script], {
      env: {
        ...process.env,
        MLFLOW_TRACKING_URI: server.uri,
        MLFLOW_TRACKING_USERNAME: login.username,
        MLFLOW_TRACKING_PASSWORD: login.password,
      },
    });
    expect(stdout).toContain('inputs:');
  });

  /** Those in the text are typed as well, but for forms (with `…`) and for these. */
  const notTyped: Readonly<Record<string, string>> = {
    'make data': 'downloads 337 MB from the NIH',
    'make test': 'is what runs this',
    'make faults': 'takes many minutes, and its quick rows are tests by themselves',
    'make engine': 'has run before any test',
    'slipway run': 'is the title of a column',
  };
  const inText = inlineCommands(readme).filter((command) => !command.includes('…') && !(command in notTyped));

  it('has commands in its text', () => {
    expect(inText).toEqual(expect.arrayContaining(['make doctor', 'make tracking-down', 'bin/slipway run --help']));
    for (const command of Object.keys(notTyped)) expect(inlineCommands(readme)).toContain(command);
  });

  it.each(inText)('in the text: %s', (command) => type(reader.shell, typed(command), []));
});
