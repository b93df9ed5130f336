import type { LaunchEventBody } from '../events.ts';
import { openServer } from '../history/index.ts';
import { locateStorage } from '../launch/storage.ts';
import type { MlflowClient } from '../mlflow/index.ts';
import { loadProjectIfAny, type Project } from '../project/index.ts';
import { asciiOnly } from '../report/ascii.ts';
import type { Look } from '../report/look.ts';
import { printable } from '../report/text-width.ts';
import { exchangeText } from '../util/http-exchange.ts';
import { knownSecrets } from '../util/known-secrets.ts';
import { maskSecrets } from '../util/mask-secrets.ts';
import { ownCommand } from '../util/own-command.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { openLook, wantsJson } from './output-options.ts';
import { openReporter } from './reporter.ts';
import { chooseVerbosity } from './verbosity.ts';

type Given = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** What a verb that looks back works with. */
export interface LookBack {
  readonly storageDirectory: string;
  readonly look: Look;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
  /** The project in this folder; null where there is none. Throws UsageError where its MLproject is malformed. */
  loadProject(): Promise<Project | null>;
  /** Throws UnavailableError where there is no server. */
  openServer(): Promise<MlflowClient>;
  /** What to type for `slipway` here. */
  readonly program: string;
  /** A command as it must be typed here. */
  command(...words: readonly string[]): string;
  /** Writes the answer to standard output. */
  answer(text: string): void;
  /** A table, for a person who looks with what it is and what may come next. */
  answerTable(title: string, table: readonly string[], hints: readonly string[]): void;
  /** Told on standard error. */
  warn(text: string): void;
  /** Told on standard error, unless the person wants it quiet. */
  notice(text: string): void;
  close(): void;
}

/** Opens what a verb that looks back needs; nothing is asked or made before it is wanted. */
export function openLookBack(given: Given, environment: Environment, signal: AbortSignal): LookBack {
  const isJson = wantsJson(given, environment);
  // Warnings of an answer in JSON are for people, too.
  const reporter = openReporter({ ...given, json: false }, environment, { isLive: false });
  const look = openLook(given, environment);
  const storage = typeof given.storage === 'string' ? given.storage : null;
  const storageDirectory = locateStorage(storage, environment, process.cwd());
  const program = ownCommand(environment);
  const secrets = knownSecrets(environment);
  const tell = (event: LaunchEventBody): void => reporter.sink({ timeMs: Date.now(), ...event });
  const answer = (text: string): void =>
    void process.stdout.write(`${maskSecrets(look.isUnicode || isJson ? text : asciiOnly(text), secrets)}\n`);
  return {
    storageDirectory,
    look,
    isJson,
    signal,
    program,
    loadProject: () => loadProjectIfAny(process.cwd()),
    openServer: () =>
      openServer({
        environment,
        storageDirectory,
        signal,
        onExchange: (exchange) => tell({ type: 'debug', text: exchangeText(exchange) }),
      }),
    command: (...words) => {
      const options = storage === null ? [] : ['--storage', storage];
      return [program, ...[...words, ...options].map(quoteForShell)].join(' ');
    },
    answer,
    answerTable: (title, table, hints) => {
      const isTalkative = look.isTerminal && chooseVerbosity(given, environment) !== 'quiet';
      answer((isTalkative ? [look.paint.faint(printable(title)), '', ...table, '', ...hints] : table).join('\n'));
    },
    warn: (text) => tell({ type: 'warning', text }),
    notice: (text) => tell({ type: 'notice', text }),
    close: () => reporter.close(),
  };
}
