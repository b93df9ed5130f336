import { existsSync } from 'node:fs';
import { environment } from '../config.ts';
import { SlipwayError, UnavailableError } from '../errors.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { isSecretName, secretsOfFile, secretsOfVariable } from '../util/index.ts';
import { readSecretFile } from '../util/secret-file.ts';
import { failureOfWaiting } from './failure-reason.ts';
import { recordEnd } from './follow-program.ts';
import { handedVariables } from './program-environment.ts';
import type { RunContext } from './run-context.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Learns what must be masked in this run, before anything of its program is prepared or read: what the variables that it
 * is handed hold, and what stands in its secret files. An agent that takes over may have none of the values, so that those
 * of a program that runs are asked of its engine. What a program lacks is told when it is started.
 */
export async function learnSecrets(run: RunContext, executor: Executor): Promise<void> {
  const { plan, record } = run;
  if (plan.engine === 'host') run.addSecrets(secretsOf(Object.keys(environment()), environment()));
  run.addSecrets(secretsOf(handedNames(run), environment()));
  try {
    const handed = handedVariables(run);
    run.addSecrets(secretsOf(Object.keys(handed), handed));
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
  }
  for (const [name, file] of Object.entries(plan.secretFiles)) learnFile(run, name, file);
  const handle = record.handle as ProgramHandle | null;
  if (handle !== null && !run.hasEnded) await learnFromProgram(run, executor, handle);
  run.emit({ type: 'detail', text: `Masked in all that is written of the run: ${run.secrets.length} texts.` });
}

async function learnFromProgram(run: RunContext, executor: Executor, handle: ProgramHandle): Promise<void> {
  let variables: Variables | null;
  try {
    variables = (await executor.variables?.(handle)) ?? null;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    // Its engine was waited for as an agent waits that has seen the program begin: the run has the same end.
    await recordEnd(run, { exit: null, failure: { ...failureOfWaiting(error), atMs: Date.now() } });
    return;
  }
  if (variables !== null) {
    // On the host a program inherits the whole environment; a container has beside it what its image says.
    run.addSecrets(secretsOf(run.plan.engine === 'host' ? Object.keys(variables) : handedNames(run), variables));
    return;
  }
  const unknown = missingNames(run);
  if (unknown.length === 0) return;
  const text = `The program has ended, and nobody knows any more what it was handed as ${unknown.join(', ')}: what it wrote of that cannot be masked.`;
  run.emit({ type: 'warning', text });
}

/** Variables by whose names secrets were handed on, and that are not here. */
function missingNames(run: RunContext): string[] {
  const { plan } = run;
  const copied = Object.entries(plan.project.environment).flatMap(([name, value]) => (value === null ? [name] : []));
  const ofFiles = Object.entries(plan.envFiles).flatMap(([file, names]) =>
    run.handed === null && !existsSync(file) ? names : [],
  );
  const ofShell = [...copied, ...plan.passEnvironment].filter((name) => environment()[name] === undefined);
  return [...new Set([...ofShell, ...ofFiles])].filter((name) => isSecretName(name));
}

/** The files of secrets are read again before the program starts: they may have changed since, or be gone. */
export function checkSecretFiles(run: RunContext): void {
  const { plan } = run;
  const reader = plan.engine === 'docker' ? plan.owner : null;
  for (const [name, file] of Object.entries(plan.secretFiles)) {
    run.addSecrets(secretsOfFile(readSecretFile(name, file, reader)));
  }
}

function learnFile(run: RunContext, name: string, file: string): void {
  try {
    run.addSecrets(secretsOfFile(readSecretFile(name, file, null)));
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    if (run.record.handle === null || run.hasEnded) return;
    run.emit({ type: 'warning', text: `What the program writes of it cannot be masked any more: ${error.message}` });
  }
}

function handedNames({ plan }: RunContext): string[] {
  const { project, passEnvironment, envFiles } = plan;
  return [...Object.keys(project.environment), ...Object.values(envFiles).flat(), ...passEnvironment];
}

function secretsOf(names: readonly string[], variables: Variables): string[] {
  return names.flatMap((name) => {
    const value = variables[name];
    return value === undefined ? [] : secretsOfVariable(name, value);
  });
}
