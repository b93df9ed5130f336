import { environment } from '../config.ts';
import { SlipwayError } from '../errors.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { secretsOfFile, secretsOfVariable } from '../util/index.ts';
import { readSecretFile } from '../util/secret-file.ts';
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
  if (handle === null || run.hasEnded) return;
  const variables = (await executor.variables?.(handle)) ?? {};
  // On the host a program inherits the whole environment; a container has beside it what its image says.
  run.addSecrets(secretsOf(plan.engine === 'host' ? Object.keys(variables) : handedNames(run), variables));
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
