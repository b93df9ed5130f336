import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runOptions } from '../../../src/commands/run-options.ts';
import { runRequest } from '../../../src/commands/run-request.ts';
import { UsageError } from '../../../src/errors.ts';
import { usualRequest } from '../../../src/launch/request.ts';
import { checkOptions, type LaunchOptions } from '../../../src/library/launch-options.ts';

const refusal = (options: unknown): UsageError => {
  try {
    checkOptions(options as LaunchOptions);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(options)} was accepted`);
};

describe('the options of a launch', () => {
  it('mean, left away, what the command line means', () => {
    const defaults = Object.entries(runOptions).map(([name, option]) => [
      name,
      (option as { default?: unknown }).default,
    ]);
    expect(checkOptions({}).request).toEqual(runRequest(Object.fromEntries(defaults), [], {}));
    expect(checkOptions({ runName: undefined, pids: undefined } as LaunchOptions).request).toEqual({
      ...usualRequest,
      project: process.cwd(),
    });
  });

  it('mean what the options of the command line mean', () => {
    const { request } = checkOptions({
      project: 'demo',
      parameters: { epochs: 3, learning_rate: 1e-4, randomize_images: true, data: 'a=b c' },
      experimentName: 'cells',
      engine: 'host',
      gpus: 2,
      env: ['TOKEN'],
      cpus: 1.5,
      memoryMiB: 2048,
      stopGraceMs: 5000,
    });
    const words = {
      ...{ project: 'demo', 'entry-point': 'main', engine: 'host', 'experiment-name': 'cells', env: ['TOKEN'] },
      ...{ parameter: ['epochs=3', 'learning_rate=0.0001', 'randomize_images=true', 'data=a=b c'] },
      ...{ gpus: '2', cpus: 1.5, memory: '2g', 'drain-timeout': 60, 'stop-grace': 5 },
    };
    expect(request).toEqual(runRequest(words, [], {}));
    expect(request.project).toBe(resolve('demo'));
  });

  it('register a model under a name, or none', () => {
    expect(checkOptions({ registerModel: 'cells' }).request.registerModel).toBe('cells');
    expect(checkOptions({ registerModel: false }).request.registerModel).toBe('');
  });

  it('name a model as MLflow takes it', () => {
    const refused = 'The option registerModel of launch is wrong: is "a/b:c", but must have neither "/" nor ":".';
    expect(refusal({ registerModel: 'a/b:c' }).message).toBe(refused);
    expect(refusal({ registerModel: '' }).message).toContain('is empty');
  });

  it.each(['all', '2', 'device=0,GPU-8f7e'])('ask for the GPUs %s, as on the command line', (gpus) => {
    expect(checkOptions({ gpus }).request.gpus).toBe(gpus);
    expect(runRequest({ gpus, engine: 'auto' }, [], {}).gpus).toBe(gpus);
    expect(checkOptions({ gpus: 'none' }).request.gpus).toBeNull();
  });

  it("leave the environment this process's, or replace it as a whole", () => {
    expect(checkOptions({}).environment).toBe(process.env);
    const environment = { MLFLOW_TRACKING_URI: 'http://127.0.0.1:1' };
    expect(checkOptions({ environment }).environment).toEqual(environment);
  });

  it.each([
    [{ runname: 'x' }, 'launch has no option runname; did you mean runName?'],
    [{ zzzzzz: 1 }, 'launch has no option zzzzzz.'],
    [{ parameters: { epochs: null } }, /^The option parameters\.epochs of launch is wrong: /],
    [{ engine: 'dokcer' }, /^The option engine of launch is wrong: expected one of "auto"\|"docker"\|"host"\.$/],
    [{ pids: 0 }, /^The option pids of launch is wrong: .*>0\.$/],
    [{ gpus: 'many' }, 'The option gpus of launch is wrong: must be all, a number of GPUs, or device=0,1; or none.'],
    [{ gpus: '' }, /^The option gpus of launch is wrong: must be all, /],
    [{ gpus: 0 }, /^The option gpus of launch is wrong: must be all, /],
    [{ gpus: true }, /^The option gpus of launch is wrong: must be all, /],
    [{ runName: '' }, 'The option runName of launch is wrong: must not be empty.'],
    [{ onEvent: 'log' }, 'The option onEvent of launch is wrong: must be a function.'],
    [{ signal: {} }, /^The option signal of launch is wrong: .*AbortSignal/],
    ['demo', /^The option object of launch is wrong: expected object, received string\.$/],
    [
      { experimentName: 'a', experimentId: '1' },
      'launch was given experimentName and experimentId: one of them must say which it is.',
    ],
  ])('are refused by name where they are wrong: %j', (options, message) => {
    if (typeof message === 'string') expect(refusal(options).message).toBe(message);
    else expect(refusal(options).message).toMatch(message);
  });

  it('tell in their doc blocks the defaults that they have', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../../../src/library/launch-options.ts'), 'utf8');
    const docOf = (name: string) => new RegExp(`/\\*\\* ([^\\n]*) \\*/\\n  readonly ${name}\\?`).exec(text)?.[1];
    expect(docOf('pids')).toContain(`${usualRequest.pids} by default`);
    expect(docOf('entryPoint')).toContain(`\`${usualRequest.entryPoint}\` by default`);
    expect(docOf('engine')).toContain(`by default \`${usualRequest.engine}\``);
    for (const name of ['drainTimeoutMs', 'stopGraceMs', 'systemMetricsIntervalMs'] as const) {
      expect(docOf(name)).toContain(`${usualRequest[name].toLocaleString('en')} by default`);
    }
  });
});
