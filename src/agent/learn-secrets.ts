import { environment } from '../config.ts';
import type { Executor, ProgramHandle } from '../executors/executor.ts';
import { secretsOfVariable } from '../util/index.ts';
import type { RunContext } from './run-context.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Learns what must be masked in this run, before anything of its program is prepared or read: what the variables that it
 * is handed hold. An agent that takes over may have none of them, so that those of a program that runs are asked of its engine.
 */
export async function learnSecrets(run: RunContext, executor: Executor): Promise<void> {
  run.addSecrets(secretsOf(run, environment()));
  const handle = run.record.handle as ProgramHandle | null;
  if (handle === null || run.hasEnded) return;
  run.addSecrets(secretsOf(run, (await executor.variables?.(handle)) ?? {}));
}

/** On the host a program inherits the whole environment; a container has what it is handed by name. */
function secretsOf({ plan }: RunContext, variables: Variables): string[] {
  const copied = Object.entries(plan.project.environment).map(
    ([name, value]) => [name, value ?? variables[name]] as const,
  );
  const inherited = plan.engine === 'host' ? Object.keys(variables) : [];
  const passed = [...plan.passEnvironment, ...inherited].map((name) => [name, variables[name]] as const);
  return [...copied, ...passed].flatMap(([name, value]) => (value === undefined ? [] : secretsOfVariable(name, value)));
}
