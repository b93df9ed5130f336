import { environment } from '../config.ts';
import { ExitCode, errorMessage, SlipwayError } from '../errors.ts';
import { asciiOnly } from '../report/ascii.ts';
import { errorLines } from '../report/error-lines.ts';
import { knownSecrets } from '../util/known-secrets.ts';
import { maskSecrets } from '../util/mask-secrets.ts';
import { ownCommand } from '../util/own-command.ts';
import { stackText } from '../util/stack-text.ts';
import { handedSecrets } from './handed-secrets.ts';
import { openLook } from './output-options.ts';
import { withProgramName } from './program-name.ts';
import { wantsStack } from './verbosity.ts';

/**
 * Says on standard error what went wrong in one sentence and what to do, as failures of runs are said; with a stack only
 * where it is our own defect, or asked for. Returns the exit code.
 */
export function showError(error: unknown, words: readonly string[]): number {
  const variables = environment();
  const color = words.includes('--no-color') ? { color: false } : {};
  const look = openLook(color, { ...variables, SLIPWAY_COLOR: undefined }, process.stderr);
  const isOurs = !(error instanceof SlipwayError);
  const message = isOurs ? `internal error: ${errorMessage(error)}` : error.message;
  const hint = isOurs ? 'This is a defect of Slipway: please report it with the lines below.' : error.hint;
  const program = ownCommand(variables);
  // Before the lines are made: a hint that is a command alone has no backticks any more in its line.
  const named = (text: string): string => withProgramName(text, program);
  const lines = errorLines(named(message), hint === undefined ? undefined : named(hint), look.paint, look.columns - 1);
  if (isOurs || wantsStack(words, variables)) lines.push(stackText(error));
  const text = maskSecrets(lines.join('\n'), [...knownSecrets(variables), ...handedSecrets]);
  process.stderr.write(`${look.isUnicode ? text : asciiOnly(text)}\n`);
  return isOurs ? ExitCode.internal : error.exitCode;
}
