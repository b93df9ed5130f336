import { describe, expect, it } from 'vitest';
import { chooseVerbosity, wantsStack } from '../../../src/commands/verbosity.ts';
import { isShown } from '../../../src/util/index.ts';

describe('how much is said', () => {
  it.each([
    [{}, {}, 'normal'],
    [{ quiet: true }, {}, 'quiet'],
    [{}, { SLIPWAY_VERBOSE: '1' }, 'verbose'],
    [{}, { SLIPWAY_DEBUG: 'true' }, 'debug'],
    [{}, { SLIPWAY_DEBUG: '', SLIPWAY_QUIET: '0', SLIPWAY_VERBOSE: 'false' }, 'normal'],
    // An option comes before any variable, also before one that says something else.
    [{ quiet: true }, { SLIPWAY_DEBUG: '1' }, 'quiet'],
    [{ debug: false }, { SLIPWAY_DEBUG: '1' }, 'normal'],
  ] as const)('is chosen from %j and %j: %s', (given, environment, verbosity) => {
    expect(chooseVerbosity(given, environment)).toBe(verbosity);
  });

  it('is one thing: two that are asked for at once are refused by the names they were given under', () => {
    expect(() => chooseVerbosity({ quiet: true, verbose: true }, {})).toThrow(
      '--quiet and --verbose exclude each other.',
    );
    expect(() => chooseVerbosity({}, { SLIPWAY_QUIET: '1', SLIPWAY_DEBUG: '1' })).toThrow(
      'SLIPWAY_QUIET and SLIPWAY_DEBUG exclude each other.',
    );
    expect(() => chooseVerbosity({}, { SLIPWAY_DEBUG: 'maybe' })).toThrow(
      'SLIPWAY_DEBUG is "maybe"; it must be 1 or 0.',
    );
  });

  it('grows from level to level', () => {
    expect(isShown('verbose', 'debug')).toBe(true);
    expect(isShown('verbose', 'normal')).toBe(false);
    expect(isShown('quiet', 'quiet')).toBe(true);
  });

  it('is known before the options are read, for the stack of an error', () => {
    expect(wantsStack(['run', '--debug'], {})).toBe(true);
    expect(wantsStack(['run'], { SLIPWAY_DEBUG: '1' })).toBe(true);
    expect(wantsStack(['run'], { SLIPWAY_DEBUG: '0' })).toBe(false);
  });
});
