import { UsageError } from '../errors.ts';
import { didYouMean } from '../util/closest.ts';
import { type PathContext, resolvePath } from './file-parameter.ts';
import { valueProblem } from './parameter-value.ts';
import type { EntryPoint, ParameterDeclaration } from './project.ts';

const allParameters = 'Every parameter with its bounds and its meaning is in the MLproject.';

export interface ResolveOptions extends Omit<PathContext, 'projectDirectory'> {
  /** Whether undeclared parameters are refused instead of passed on. */
  readonly strict: boolean;
  /** Which undeclared parameters the program is known to take or to refuse in words of its own: they are passed on to it. */
  readonly programTakes?: (name: string) => boolean;
  /** Absolute folder of the project; by default the working directory. */
  readonly projectDirectory?: string;
}

export interface ResolvedParameters {
  /** What the program gets: as typed, with paths below /storage made real for an engine without containers. */
  readonly values: Readonly<Record<string, string>>;
  /** What is recorded: as typed or by default; declared ones first, in the order of the file. */
  readonly logged: Readonly<Record<string, string>>;
  /** Names the entry point does not declare: appended to its command. */
  readonly undeclared: readonly string[];
  /** Names the entry point declares that have their default, since they were not given. */
  readonly defaulted: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Checks the given values against an entry point's declarations and fills in the defaults.
 * @throws UsageError that names every missing, unknown or wrong parameter in one sentence.
 */
export function resolveParameters(
  entryPoint: EntryPoint,
  given: Readonly<Record<string, string>>,
  options: ResolveOptions,
): ResolvedParameters {
  const declared = entryPoint.parameters.map((parameter) => parameter.name);
  const undeclared = Object.keys(given).filter((name) => !declared.includes(name));
  const doubtful = undeclared.filter((name) => !entryPoint.isScript && options.programTakes?.(name) !== true);
  if (options.strict && doubtful.length > 0) refuse(entryPoint, doubtful, declared);
  const warnings = doubtful.map((name) => passedOn(entryPoint, name, declared));
  refuseMissing(entryPoint, given);

  const values: Record<string, string> = {};
  const logged: Record<string, string> = {};
  const problems: string[] = [];
  const hints: string[] = [];
  const context = { projectDirectory: process.cwd(), ...options };
  const take = (declaration: Pick<ParameterDeclaration, 'name' | 'type' | 'default'>, value: string) => {
    const resolved = resolvePath(declaration.type, value, context);
    if ('problem' in resolved) {
      problems.push(`${declaration.name} ${resolved.problem}`);
      hints.push(resolved.place === undefined ? allParameters : missingFileHint(declaration, value, resolved.place));
    } else values[declaration.name] = resolved.value;
    logged[declaration.name] = value;
  };

  for (const declaration of entryPoint.parameters) {
    const value = Object.hasOwn(given, declaration.name) ? given[declaration.name]! : declaration.default!;
    const problem = valueProblem(declaration, value);
    if (problem === null) take(declaration, value);
    else {
      problems.push(`${declaration.name} ${problem}`);
      hints.push(allParameters);
    }
  }
  for (const name of undeclared) take({ name, type: 'string', default: null }, given[name]!);
  if (problems.length > 0) {
    // The MLproject tells more of a value that is wrong, but nothing of a file that is missing.
    const hint = hints.includes(allParameters) ? allParameters : hints[0]!;
    throw new UsageError(`Parameter ${problems.join('; ')}.`, { hint });
  }
  const defaulted = declared.filter((name) => !Object.hasOwn(given, name));
  return { values, logged, undeclared, defaulted, warnings };
}

function refuse(entryPoint: EntryPoint, undeclared: readonly string[], declared: readonly string[]): never {
  const names = undeclared.length === 1 ? `parameter ${undeclared[0]}` : `parameters ${undeclared.join(', ')}`;
  const suggestion = undeclared.length === 1 ? didYouMean(undeclared[0]!, declared) : '';
  throw new UsageError(`The entry point ${entryPoint.name} has no ${names}${suggestion || '.'}`, {
    hint: declared.length === 0 ? 'It takes no parameters.' : `It takes ${declared.join(', ')}.`,
  });
}

function passedOn(entryPoint: EntryPoint, name: string, declared: readonly string[]): string {
  const suggestion = didYouMean(name, declared) || '.';
  return `The entry point ${entryPoint.name} does not declare the parameter ${name}, which is passed on as --${name}${suggestion}`;
}

function refuseMissing(entryPoint: EntryPoint, given: Readonly<Record<string, string>>): void {
  const missing = entryPoint.parameters.filter(
    ({ name, default: value }) => value === null && !Object.hasOwn(given, name),
  );
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  throw new UsageError(`The entry point ${entryPoint.name} needs a value for ${names}.`, {
    hint: `Give ${missing.length === 1 ? 'it' : 'them'} as: \`${missing.map(({ name, type }) => `-P ${name}=<${type}>`).join(' ')}\``,
  });
}

/** Where a file must be put, or how to do without it. */
function missingFileHint(
  { name, default: fallback }: Pick<ParameterDeclaration, 'name' | 'default'>,
  value: string,
  place: string,
): string {
  const without =
    fallback === null || fallback === '' || fallback === value ? '' : `, or leave ${name} out: it is then ${fallback}`;
  return `Put the file at ${place}${without}.`;
}
