import { describe, expect, it } from 'vitest';
import { createCommandLine } from '../../../src/commands/index.ts';

const never = new AbortController().signal;

function run(...words: string[]): Promise<number> {
  return createCommandLine({ politeStop: never, forcedStop: never }).run(words);
}

describe('a command line that is wrong', () => {
  it.each([
    ['rnu', 'There is no command rnu; did you mean run?', '`slipway --help`'],
    ['show deeper', 'There is no command show; did you mean runs show?', '`slipway runs show deeper`'],
    [
      'runs deeper',
      '`slipway runs` does not know what to do with "deeper".',
      'To see one run: `slipway runs show deeper`',
    ],
    ['runs shwo', '`slipway runs` does not know what to do with "shwo"; did you mean show?', '`slipway runs --help`'],
    ['zzz', 'There is no command zzz.', '`slipway --help`'],
    ['', 'Say what to do: a command is missing.', '`slipway --help`'],
    ['--debug', 'Say what to do: a command is missing.', '`slipway --help`'],
    ['run /nowhere --bogus', '`slipway run` has no option --bogus.', '`slipway run --help`'],
    ['run /nowhere --bogus=1', '`slipway run` has no option --bogus.', '`slipway run --help`'],
    ['run /nowhere --no-bogus', '`slipway run` has no option --no-bogus.', '`slipway run --help`'],
    ['run /nowhere -x', '`slipway run` has no option -x.', '`slipway run --help`'],
    [
      'run /nowhere --experiment cells',
      '`slipway run` has no option --experiment; did you mean --experiment-name?',
      '`slipway run --help`',
    ],
    ['sync --storge /x run', '`slipway sync` has no option --storge; did you mean --storage?', '`slipway sync --help`'],
    [
      'run /nowhere --engine dokcer',
      '--engine is dokcer, but must be one of auto, docker, host; did you mean docker?',
      '`slipway run --help`',
    ],
    ['completion tcsh', 'The shell is tcsh, but must be one of bash, zsh, fish.', '`slipway completion --help`'],
    ['stop', '`slipway stop` needs a run.', '`slipway stop --help`'],
    ['rm --force', '`slipway rm` needs a run.', '`slipway rm --help`'],
    [
      'tracking dwon',
      'The action is dwon, but must be one of up, down, status; did you mean down?',
      '`slipway tracking --help`',
    ],
    [
      'run /nowhere epochs=3',
      '`slipway run` takes only a project, and "epochs=3" is one word too many.',
      /-P epochs=3/,
    ],
    ['attach', '`slipway attach` needs a run.', '`slipway attach --help`'],
    ['tracking', '`slipway tracking` needs an action.', '`slipway tracking --help`'],
    ['run /nowhere -P', 'The option -P needs a value.', /-P epochs=3/],
    ['run /nowhere --run-name', 'The option --run-name needs a value.', 'An empty one is given as: `--run-name=`'],
    [
      'run /nowhere --run-name --json',
      'The option --run-name needs a value.',
      'An empty one is given as: `--run-name=`',
    ],
    ['run --run-name a /nowhere --run-name b', '--run-name is given 2 times: a, b.', 'Give it once.'],
    [
      'run /nowhere --experiment-name a --experiment-id 3',
      '--experiment-name and --experiment-id exclude each other.',
      'Give one of them.',
    ],
    ['run /nowhere --quiet --debug', '--quiet and --debug exclude each other.', 'Give one of them.'],
  ])('%s: %s', async (words, message, hint) => {
    await expect(run(...words.split(' ').filter(Boolean))).rejects.toMatchObject({
      message,
      hint: typeof hint === 'string' ? hint : expect.stringMatching(hint),
      exitCode: 64,
    });
  });
});
