import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readJournal } from '../../../src/agent/journal.ts';
import { checkSecretFiles, learnSecrets } from '../../../src/agent/learn-secrets.ts';
import { handedVariables, programEnvironment } from '../../../src/agent/program-environment.ts';
import { freshRecord, RunContext } from '../../../src/agent/run-context.ts';
import { UnavailableError } from '../../../src/errors.ts';
import type { Executor } from '../../../src/executors/executor.ts';
import { createRunDirectory, type RunPaths, type RunPlan, writePlan, writeState } from '../../../src/runs/index.ts';
import { maskSecrets } from '../../../src/util/index.ts';
import { examplePlan } from '../../support/example-plan.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const all = 'named-value file-value key-of-file inherited-value plain-value';

let storage: TemporaryDirectory;
let paths: RunPaths & { readonly runId: string };
beforeEach(async () => {
  storage = await temporaryDirectory();
  paths = await createRunDirectory(storage.path);
  writeFileSync(storage.join('key'), 'key-of-file\n', { mode: 0o600 });
  writeFileSync(storage.join('a.env'), 'FILE_TOKEN=file-value\nPLAIN=plain-value\n');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await storage.remove();
});

async function openRun(change: Partial<RunPlan>, handed: RunContext['handed'] = null, isRunning = false) {
  const { runId } = paths;
  await writePlan(paths.directory, {
    ...examplePlan({ runId, projectDirectory: '/p', storageDirectory: storage.path }),
    passEnvironment: ['NAMED_TOKEN'],
    envFiles: { [storage.join('a.env')]: ['FILE_TOKEN', 'PLAIN'] },
    secretFiles: { key: storage.join('key') },
    ...change,
  });
  const handle = isRunning ? { executor: 'scripted' } : null;
  await writeState(paths.directory, { ...freshRecord, handle, updatedAtMs: 1 });
  return RunContext.open(paths.directory, handed);
}

const engine = (variables: Record<string, string> | null) =>
  ({ variables: async () => variables }) as unknown as Executor;

const warnings = () => readJournal(paths.agentLog).flatMap((event) => (event.type === 'warning' ? [event.text] : []));

describe('the secrets of a run', () => {
  it('are those of its shell, of what the launcher read, and of its files, before its program starts', async () => {
    vi.stubEnv('NAMED_TOKEN', 'named-value');
    rmSync(storage.join('a.env'));
    const run = await openRun({}, { FILE_TOKEN: 'file-value', PLAIN: 'plain-value' });
    await learnSecrets(run, engine(null));
    expect(maskSecrets(all, run.secrets)).toBe('*** *** *** inherited-value plain-value');
  });

  it('are read in the files again where no launcher handed them on', async () => {
    vi.stubEnv('NAMED_TOKEN', 'named-value');
    const run = await openRun({});
    await learnSecrets(run, engine(null));
    expect(maskSecrets(all, run.secrets)).toBe('*** *** *** inherited-value plain-value');
  });

  it('are asked of the engine where its program runs and this agent has none of them', async () => {
    rmSync(storage.join('a.env'));
    const run = await openRun({}, null, true);
    const variables = { NAMED_TOKEN: 'named-value', FILE_TOKEN: 'file-value', IMAGE_TOKEN: 'inherited-value' };
    await learnSecrets(run, engine(variables));
    expect(maskSecrets(all, run.secrets)).toBe('*** *** *** inherited-value plain-value');
    expect(warnings()).toEqual([]);
  });

  it('keep no run from its end whose engine stays away: it has failed for that', async () => {
    const run = await openRun({}, null, true);
    const variables = () => Promise.reject(new UnavailableError('The engine does not answer.'));
    await learnSecrets(run, { variables } as unknown as Executor);
    const end = { state: 'draining', failure: 'engine', reason: 'The engine does not answer', failureExitCode: 69 };
    expect(run.record).toMatchObject(end);
  });

  it('are on the host those of the whole environment that its program has', async () => {
    const run = await openRun({ engine: 'host' }, null, true);
    await learnSecrets(run, engine({ INHERITED_TOKEN: 'inherited-value' }));
    expect(maskSecrets('inherited-value', run.secrets)).toBe('***');
  });

  it('are missed by name where nobody has them any more', async () => {
    rmSync(storage.join('a.env'));
    rmSync(storage.join('key'));
    const run = await openRun({}, null, true);
    await learnSecrets(run, engine(null));
    expect(warnings()).toEqual([
      expect.stringMatching(/^What the program writes of it cannot be masked any more: The file of the secret key, /),
      expect.stringContaining('what it was handed as NAMED_TOKEN, FILE_TOKEN: what it wrote of that cannot be masked.'),
    ]);
  });

  it('are read again right before the program starts, and their files must be there', async () => {
    const run = await openRun({});
    writeFileSync(storage.join('key'), 'a renewed one\n');
    checkSecretFiles(run);
    expect(maskSecrets('a renewed one', run.secrets)).toBe('***');
    rmSync(storage.join('key'));
    expect(() => checkSecretFiles(run)).toThrow('it does not exist');
  });
});

describe('what a program is handed', () => {
  it('comes from the MLproject, then files, then the shell, the later of these winning', async () => {
    vi.stubEnv('NAMED_TOKEN', 'of the shell');
    const { plan, handed } = await openRun({}, { NAMED_TOKEN: 'of a file', FIXED: 'of a file' });
    const project = { ...plan.project, environment: { FIXED: 'of the project', OWN: 'of the project' } };
    const variables = handedVariables({ plan: { ...plan, project }, handed });
    expect(variables).toEqual({ FIXED: 'of a file', OWN: 'of the project', NAMED_TOKEN: 'of the shell' });
    const facts = { offline: false, mlflowRunId: 'r', experimentId: '1', trackingUri: null, image: null };
    expect(programEnvironment(plan, facts, variables)).toMatchObject({ ...variables, MLFLOW_RUN_ID: 'r' });
  });

  it('is missed where it is nowhere', async () => {
    vi.stubEnv('NAMED_TOKEN', undefined);
    const run = await openRun({});
    expect(() => handedVariables(run)).toThrow('NAMED_TOKEN, which the program is to get, is not set here.');
    rmSync(storage.join('a.env'));
    expect(() => handedVariables(run)).toThrow('a.env cannot be read: it does not exist.');
  });
});
