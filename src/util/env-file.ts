import { readFileSync } from 'node:fs';
import { errorCode, errorMessage, UsageError } from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a file of variables in the form of `docker run --env-file`: `NAME=value` a line, taken as it is, quotes included;
 * `NAME` alone copies the variable of the environment; empty lines and those that begin with `#` are passed over.
 * Throws UsageError with the file and the number of the line that is wrong.
 */
export function readEnvFile(file: string, environment: Environment): Record<string, string> {
  const variables: Record<string, string> = {};
  const lines = readText(file).split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const [name, value] = parseLine(line, `line ${index + 1} of ${file}`, environment);
    variables[name] = value;
  }
  return variables;
}

/** What is wrong is told without the line: a secret may stand in it. */
function parseLine(line: string, place: string, environment: Environment): [name: string, value: string] {
  const separator = line.indexOf('=');
  const name = separator < 0 ? line.trimEnd() : line.slice(0, separator);
  if (name === '') {
    throw new UsageError(`There is no name before the = in ${place}: expected NAME=value.`, { hint: forms });
  }
  if (/\s/.test(name)) {
    const isExport = /^export\s/.test(name);
    const why = isExport ? 'begins with export, as for a shell' : 'has a space in the name of its variable';
    throw new UsageError(`--env-file: ${place} ${why}: expected NAME=value.`, {
      hint: isExport ? 'Leave out the word export.' : forms,
    });
  }
  if (line.includes('\0')) throw new UsageError(`--env-file: ${place} holds a zero byte, which no variable can.`);
  if (separator >= 0) return [name, line.slice(separator + 1)];
  const value = environment[name];
  if (value !== undefined) return [name, value];
  throw new UsageError(`--env-file: ${place} asks for the environment variable ${name}, which is not set here.`, {
    hint: `\`export ${name}=…\`, or write ${name}=value there.`,
  });
}

const forms = 'A line is NAME=value, NAME alone to copy a variable of this shell, or a comment that begins with #.';

function readText(file: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    return text.replace(/^\uFEFF/, '');
  } catch (error) {
    const reason =
      errorCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is no UTF-8 text' : plainReason(error);
    throw new UsageError(`The file of --env-file ${file} cannot be read: ${reason}.`, { cause: error });
  }
}

/** Why a file cannot be read, in a few words. */
export function plainReason(error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it';
    default:
      return errorMessage(error);
  }
}
