import { wrap } from '../report/text-width.ts';
import { type Example, examplesText } from './help-text.ts';

const groups: readonly { readonly title: string; readonly verbs: readonly string[] }[] = [
  { title: 'Launch and watch', verbs: ['run', 'attach', 'sync', 'rerun', 'sweep'] },
  { title: 'On this machine', verbs: ['ps', 'logs', 'stop', 'rm', 'prune', 'supervise'] },
  { title: 'Look back', verbs: ['runs', 'runs show', 'compare', 'artifacts', 'models'] },
  { title: 'Use a model', verbs: ['predict', 'serve', 'deliver'] },
  { title: 'Set up', verbs: ['init', 'doctor', 'tracking', 'engine', 'completion'] },
];

/** What the help shows of a verb, or of an action of one. */
interface HelpEntry {
  readonly command?: unknown;
  readonly describe?: unknown;
}

const firstCommands: readonly Example[] = [
  ['slipway run .', 'Launch the project in this folder and watch it'],
  ['slipway runs', 'Look back: what the tracking server has of it'],
  ['slipway attach swift-heron-417', 'Watch a run again whose terminal was closed'],
];

const options = [
  ['--quiet', 'Only warnings, errors and the result'],
  ['--verbose', 'Also what is usually left out'],
  ['--debug', 'Also stack traces and every HTTP request'],
  ['-h, --help', 'Help of a command, as in: slipway run --help'],
  ['--version', 'The version of Slipway'],
] as const;

/**
 * The help of `slipway` itself: its verbs in groups. Written here and not by yargs, which knows no groups of commands,
 * and which takes longer to load than all else that this needs.
 */
export function rootHelp(commands: Readonly<Record<string, HelpEntry>>, columns: number): string {
  const grouped = new Set(groups.flatMap(({ verbs }) => verbs));
  const others = { title: 'More', verbs: Object.keys(commands).filter((verb) => !grouped.has(verb)) };
  const sections = [...groups, others].map(({ title, verbs }) => ({
    title,
    entries: verbs.flatMap((verb) => (commands[verb] === undefined ? [] : [entryOf(commands[verb])])),
  }));
  const width = Math.max(...[...sections.flatMap(({ entries }) => entries), ...options].map(([name]) => name.length));
  const section = (title: string, entries: readonly (readonly [string, string])[]): string[] =>
    entries.length === 0 ? [] : ['', `${title}:`, ...entries.flatMap((entry) => entryLines(entry, width, columns))];
  return [
    'slipway <command>',
    '',
    ...wrap('Launches machine-learning experiments: trains in Docker, records everything in MLflow.', columns),
    '',
    examplesText(firstCommands, 'First commands'),
    ...sections.flatMap(({ title, entries }) => section(title, entries)),
    ...section('With every command', options),
  ].join('\n');
}

function entryOf({ command, describe }: HelpEntry): readonly [string, string] {
  return [String(command), typeof describe === 'string' ? describe : ''];
}

function entryLines([name, describe]: readonly [string, string], width: number, columns: number): string[] {
  const indent = width + 4;
  return wrap(describe, columns - indent).map(
    (line, index) => `${(index === 0 ? `  ${name}` : '').padEnd(indent)}${line}`,
  );
}
