import { expect, test } from 'vitest';
import { againWords, resumeRequest, runRequest } from '../../../src/commands/run-request.ts';

const given = {
  project: '/work/cells',
  'entry-point': 'main',
  parameter: [],
  engine: 'auto',
  env: [],
  'pids-limit': 4096,
  'drain-timeout': 60,
  'stop-grace': 30,
  'system-metrics-interval': 10,
};

test('an option that was not given takes the value of its variable', () => {
  const request = runRequest(given, ['run', '.'], {
    SLIPWAY_RUN_NAME: 'first',
    SLIPWAY_ENGINE: 'host',
    SLIPWAY_GPUS: '',
  });
  expect(request).toMatchObject({ runName: 'first', engine: 'host', gpus: null, project: '/work/cells' });
});

test('an option that was given stays, in every spelling', () => {
  const variables = { SLIPWAY_ENGINE: 'host', SLIPWAY_RUN_NAME: 'from the variable' };
  const words = ['run', '.', '-b', 'docker', '--run-name=typed'];
  expect(runRequest({ ...given, engine: 'docker', 'run-name': 'typed' }, words, variables)).toMatchObject({
    engine: 'docker',
    runName: 'typed',
  });
});

test('parameters of the variable are split at white space, with quotes', () => {
  const request = runRequest(given, [], { SLIPWAY_PARAMETER: `epochs=3  note='two words' path="a b"` });
  expect(request.parameters).toEqual(['epochs=3', 'note=two words', 'path=a b']);
});

test('a quote that is not closed names the variable', () => {
  expect(() => runRequest(given, [], { SLIPWAY_PARAMETER: "note='open" })).toThrow(/SLIPWAY_PARAMETER/);
});

test.each([
  ['8g', 8192],
  ['512m', 512],
  ['1.5g', 1536],
  ['2GiB', 2048],
])('memory %s is %i MiB', (text, memoryMiB) => {
  expect(runRequest({ ...given, memory: text }, [], {}).memoryMiB).toBe(memoryMiB);
});

test.each(['8', 'much', '-1g', ''])('memory %j is refused with what was expected', (text) => {
  expect(() => runRequest({ ...given, memory: text }, ['--memory'], {})).toThrow(/--memory .* such as 512m or 8g/);
});

test('an empty model name means that none is registered', () => {
  expect(runRequest({ ...given, 'register-model': '' }, [], {}).registerModel).toBe('');
  expect(runRequest(given, [], {}).registerModel).toBeNull();
});

test.each([
  ['a/b:c', 'is "a/b:c", but must have neither "/" nor ":"'],
  [' ', 'is empty'],
])('the model name %j is refused before anything starts, on the command line and in its variable', (name, problem) => {
  const message = `--register-model (SLIPWAY_REGISTER_MODEL, MODEL= of make) ${problem}.`;
  expect(() => runRequest({ ...given, 'register-model': name }, ['--register-model'], {})).toThrow(message);
  expect(() => runRequest(given, [], { SLIPWAY_REGISTER_MODEL: name })).toThrow(message);
});

test('an engine that does not exist is refused with the choices', () => {
  expect(() => runRequest(given, [], { SLIPWAY_ENGINE: 'podman' })).toThrow(/auto, docker, host/);
});

test('an engine that is misspelt in its variable is told the one that was meant', () => {
  expect(() => runRequest(given, [], { SLIPWAY_ENGINE: 'hots' })).toThrow(/did you mean host\?/);
});

test('the words that start a run again hold what is not by default, wherever it came from, and no name', () => {
  const words = ['run', '.', '-P', 'epochs=3', '--run-name', 'first', '--memory', '8g'];
  const typed = { ...given, project: '.', parameter: ['epochs=3'], 'run-name': 'first', memory: '8g' };
  expect(againWords(typed, words, { SLIPWAY_ENGINE: 'host', SLIPWAY_GPUS: '' })).toEqual([
    ...['run', '.', '-P', 'epochs=3', '--engine', 'host', '--memory', '8g'],
  ]);
  expect(againWords({ ...given, project: undefined }, ['run'], { SLIPWAY_PARAMETER: "a=1 note='x y'" })).toEqual([
    ...['run', '.', '-P', 'a=1', '-P', 'note=x y'],
  ]);
});

test('a run to resume is named by the option or its variable, with what else was asked for', () => {
  expect(resumeRequest(given, ['run', '.'], {})).toBeNull();
  const words = ['run', '--resume', 'heron', '-P', 'epochs=9', '--memory=2g'];
  const typed = { ...given, project: '.', resume: 'heron', parameter: ['epochs=9'], memory: '2g' };
  const request = resumeRequest(typed, words, { SLIPWAY_STOP_GRACE: '5', SLIPWAY_GPUS: '' });
  expect(request).toMatchObject({
    run: 'heron',
    wishes: { parameters: ['epochs=9'], memoryMiB: 2048, stopGraceMs: 5000 },
  });
  expect([...(request?.given ?? [])].sort()).toEqual(['memoryMiB', 'parameters', 'stopGraceMs']);
  expect(resumeRequest(given, ['run', '/work/cells'], { SLIPWAY_RESUME_RUN: 'tern' })).toMatchObject({
    run: 'tern',
    given: new Set(['project']),
  });
  // What a program is told that goes on is no wish of a launch from inside of it.
  expect(resumeRequest(given, ['run', '.'], { SLIPWAY_RESUME: '1' })).toBeNull();
});

test('a run to resume that has no name is a misuse', () => {
  expect(() => resumeRequest({ ...given, resume: '' }, ['run', '--resume='], {})).toThrow(
    '--resume (SLIPWAY_RESUME_RUN)',
  );
});

test.each([
  [[], {}, 'never'],
  [['--offline'], {}, 'always'],
  [['--offline-ok'], {}, 'allowed'],
  [[], { SLIPWAY_OFFLINE: '1' }, 'always'],
  [[], { SLIPWAY_OFFLINE_OK: 'true' }, 'allowed'],
  [['--offline-ok'], { SLIPWAY_OFFLINE: '1' }, 'allowed'],
  [['--no-offline'], { SLIPWAY_OFFLINE: '1' }, 'never'],
] as const)('%j with %j may do without its server: %s', (words, variables, offline) => {
  const typed = Object.fromEntries(words.map((word) => [word.replace(/^--(no-)?/, ''), !word.startsWith('--no-')]));
  expect(runRequest({ ...given, ...typed }, words, variables).offline).toBe(offline);
});

test('to do without a server and to do without it where it is away are not asked for at once', () => {
  const both = { ...given, offline: true, 'offline-ok': true };
  expect(() => runRequest(both, ['--offline', '--offline-ok'], {})).toThrow('--offline and --offline-ok exclude');
  const variables = { SLIPWAY_OFFLINE: '1', SLIPWAY_OFFLINE_OK: '1' };
  expect(() => runRequest(given, [], variables)).toThrow('SLIPWAY_OFFLINE and SLIPWAY_OFFLINE_OK exclude');
  expect(() => runRequest(given, [], { SLIPWAY_OFFLINE: 'maybe' })).toThrow('SLIPWAY_OFFLINE (--offline) is maybe');
});

test('system metrics are sampled every so many seconds, or never', () => {
  const interval = (value: unknown) =>
    runRequest({ ...given, 'system-metrics-interval': value }, [], {}).systemMetricsIntervalMs;
  expect([interval(10), interval(0), interval('2.5'), interval(3600)]).toEqual([10_000, 0, 2500, 3_600_000]);
  for (const refused of [0.5, 3601, 1e9]) {
    expect(() => interval(refused)).toThrow(
      `--system-metrics-interval (SLIPWAY_SYSTEM_METRICS_INTERVAL) is ${refused}, but must be 0, or from 1 to 3600 seconds.`,
    );
  }
  expect(() => interval('often')).toThrow('is not a number');
});
