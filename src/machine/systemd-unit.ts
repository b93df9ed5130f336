import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { CannotWriteError, errorCode, errorMessage, UsageError } from '../errors.ts';
import { atomicWriteFile } from '../util/atomic-write-file.ts';
import { packageRoot } from '../util/package-root.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export const unitName = 'slipway-supervise.service';

/** Variables of the installing shell without which the supervisor would look elsewhere. None of them is a secret. */
const keptVariables = ['PATH', 'DOCKER_HOST', 'SLIPWAY_STORAGE', 'XDG_STATE_HOME'] as const;

/** Where systemd looks for a user's own units (systemd.unit(5)). Throws UsageError where this user has no home. */
export function unitFile(environment: Environment): string {
  const { XDG_CONFIG_HOME: named, HOME: home } = environment;
  const folder = named && isAbsolute(named) ? named : home ? join(home, '.config') : null;
  if (folder === null) throw new UsageError('This user has no home folder for the unit: HOME is not set.');
  return join(folder, 'systemd', 'user', unitName);
}

/**
 * The unit's text. Only the supervisor itself is ended with it: the agents that it has started go on
 * (`KillMode=process`, systemd.kill(5)).
 */
export function unitText(environment: Environment, program: readonly string[]): string {
  const kept = keptVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined || value === '' ? [] : [`Environment=${quoteForUnit(`${name}=${value}`, false)}`];
  });
  return `[Unit]
Description=Slipway: gives runs that lost their agent another one

[Service]
ExecStart=${program.map((word) => quoteForUnit(word, true)).join(' ')}
${kept.join('\n')}
# Logins of tracking servers, one NAME=value a line; readable by you alone.
EnvironmentFile=-%E/slipway/supervise.env
# Stopped by systemd itself, it has not failed.
SuccessExitStatus=143
Restart=on-failure
RestartSec=10
KillMode=process

[Install]
WantedBy=default.target
`;
}

/**
 * A word of a unit file: systemd expands `%`, in a command `$` as well (systemd.service(5), COMMAND LINES), and takes
 * C-style escapes within quotes (systemd.syntax(7)).
 */
function quoteForUnit(word: string, isOfCommand: boolean): string {
  const text = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('\n', '\\n');
  return /[\s"'$\\;]/.test(word) ? `"${isOfCommand ? text.replaceAll('$', '$$$$') : text}"` : text;
}

/** What came of installing or removing the unit. */
export interface UnitEnd {
  readonly file: string;
  /** False where the user's systemd does not answer: the unit is in its place, and nothing has been started. */
  readonly isActive: boolean;
  /** What is to be known or done, each a sentence. */
  readonly notes: readonly string[];
}

/**
 * Writes the unit, enables and starts it where the user's systemd answers. Throws CannotWriteError.
 * @param options Words that the supervisor is started with.
 */
export async function installUnit(environment: Environment, options: readonly string[] = []): Promise<UnitEnd> {
  const file = unitFile(environment);
  const program = [process.execPath, join(packageRoot(), 'bin', 'slipway'), 'supervise', ...options];
  try {
    await mkdir(dirname(file), { recursive: true });
    await atomicWriteFile(file, unitText(environment, program));
  } catch (error) {
    throw new CannotWriteError(`The unit ${file} cannot be written: ${errorMessage(error)}.`, { cause: error });
  }
  const isActive =
    (await succeeds(['systemctl', '--user', 'daemon-reload'])) &&
    (await succeeds(['systemctl', '--user', 'enable', unitName])) &&
    (await succeeds(['systemctl', '--user', 'restart', unitName]));
  const lingers = await doesLinger();
  const later = `The user's systemd does not answer here: after the next login, or where it does: \`systemctl --user enable --now ${unitName}\``;
  const linger = 'It ends with your last session; so that it begins with the machine: `loginctl enable-linger`';
  return { file, isActive, notes: [...(isActive ? [] : [later]), ...(lingers ? [] : [linger])] };
}

/** Stops and disables the unit and removes its file; null where there is none. */
export async function uninstallUnit(environment: Environment): Promise<UnitEnd | null> {
  const file = unitFile(environment);
  try {
    await readFile(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw new CannotWriteError(`The unit ${file} cannot be read: ${errorMessage(error)}.`, { cause: error });
  }
  const isStopped = await succeeds(['systemctl', '--user', 'disable', '--now', unitName]);
  // Without systemd's help the link of its enabling would stay.
  await rm(join(dirname(file), 'default.target.wants', unitName), { force: true });
  await rm(file, { force: true });
  await succeeds(['systemctl', '--user', 'daemon-reload']);
  const note = "The user's systemd does not answer here: a supervisor that it has started goes on until it is stopped.";
  return { file, isActive: false, notes: isStopped ? [] : [note] };
}

async function doesLinger(): Promise<boolean> {
  const answer = await outputOf(['loginctl', 'show-user', String(process.getuid?.() ?? 0), '--property=Linger']);
  return answer?.includes('Linger=yes') === true;
}

async function succeeds(words: readonly string[]): Promise<boolean> {
  return (await outputOf(words)) !== null;
}

const patienceMs = 15_000;

/** What a program writes; null where it is not there, fails, or takes too long. */
function outputOf([program = '', ...words]: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    // Not by spawn's own time limit, which goes on waiting for a program that is not there.
    const signal = AbortSignal.timeout(patienceMs);
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'], signal });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code === 0 ? text : null));
  });
}
