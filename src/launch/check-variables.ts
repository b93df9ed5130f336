import { UsageError } from '../errors.ts';

/**
 * Checks that every variable that is to be handed on is set: the program would miss it much later. Returns them.
 * @param asked What the MLproject says of its environment (null where a value is copied), and the names of `--env`.
 */
export function checkVariables(
  asked: { readonly project: Readonly<Record<string, string | null>>; readonly passed: readonly string[] },
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const copied = Object.entries(asked.project).filter(([, value]) => value === null);
  const wanted = [
    ...copied.map(([name]) => ({ name, who: 'The MLproject asks for' })),
    ...asked.passed.map((name) => ({ name, who: '--env asks for' })),
  ];
  const missing = wanted.find(({ name }) => environment[name] === undefined);
  if (missing === undefined) {
    const given = Object.entries(asked.project).map(([name, value]) => [name, value ?? environment[name]]);
    return Object.fromEntries([...given, ...asked.passed.map((name) => [name, environment[name]])]);
  }
  throw new UsageError(`${missing.who} the environment variable ${missing.name}, which is not set here.`, {
    hint: `\`export ${missing.name}=…\` and launch again.`,
  });
}
