import { realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { UsageError } from '../errors.ts';
import { describeContext } from '../image/index.ts';
import type { RunPlan } from '../runs/index.ts';
import { readEnvFile } from '../util/env-file.ts';
import { knownSecrets, secretsOfFile, secretsOfVariable } from '../util/index.ts';
import { readSecretFile } from '../util/secret-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a program is to be handed that may be secret: by name or by file, never by value. */
export interface HandWish {
  /** What the MLproject says of its environment: null where a value is copied. */
  readonly project: Readonly<Record<string, string | null>>;
  /** The names of `--env`. */
  readonly passed: readonly string[];
  /** The files of `--env-file`, absolute, in order: a later one wins. */
  readonly envFiles: readonly string[];
  /** The files of `--secret`, absolute, by name. */
  readonly secretFiles: Readonly<Record<string, string>>;
}

/** What the launcher has found of it. Nothing of this but names and paths is ever written down. */
export interface HandedOn {
  /** All variables that are handed on, with their values: `--env` wins over a file, a file over the MLproject. */
  readonly variables: Readonly<Record<string, string>>;
  /** Those of the files alone, which the agent is given. */
  readonly ofFiles: Readonly<Record<string, string>>;
  /** The names in each file of variables. */
  readonly envFiles: RunPlan['envFiles'];
  readonly secretFiles: RunPlan['secretFiles'];
  /** What must be masked. */
  readonly secrets: readonly string[];
}

/**
 * Reads what is to be handed on, and checks that all of it is there: the program would miss it much later.
 * @param reader User and group of the program, where that runs in a container.
 */
export function readHandedOn(
  wish: HandWish,
  environment: Environment,
  reader: { readonly uid: number; readonly gid: number } | null,
): HandedOn {
  const copied = Object.entries(wish.project).filter(([, value]) => value === null);
  const wanted = [
    ...copied.map(([name]) => ({ name, who: 'The MLproject asks for' })),
    ...wish.passed.map((name) => ({ name, who: '--env asks for' })),
  ];
  const files = wish.envFiles.map((file) => [file, readEnvFile(file, environment)] as const);
  const ofFiles = Object.assign({}, ...files.map(([, variables]) => variables)) as Record<string, string>;
  const missing = wanted.find(({ name }) => environment[name] === undefined && ofFiles[name] === undefined);
  if (missing !== undefined) {
    throw new UsageError(`${missing.who} the environment variable ${missing.name}, which is not set here.`, {
      hint: `\`export ${missing.name}=…\` and launch again.`,
    });
  }
  const given = Object.entries(wish.project).map(([name, value]) => [name, value ?? environment[name]]);
  const passed = wish.passed.map((name) => [name, environment[name] ?? ofFiles[name]]);
  const variables = { ...Object.fromEntries(given), ...ofFiles, ...Object.fromEntries(passed) } as Record<
    string,
    string
  >;
  const contents = Object.entries(wish.secretFiles).map(([name, file]) => readSecretFile(name, file, reader));
  return {
    variables,
    ofFiles,
    envFiles: Object.fromEntries(files.map(([file, ofFile]) => [file, Object.keys(ofFile)])),
    secretFiles: { ...wish.secretFiles },
    secrets: [
      ...knownSecrets(environment),
      ...Object.entries(variables).flatMap(([name, value]) => secretsOfVariable(name, value)),
      ...contents.flatMap(secretsOfFile),
    ],
  };
}

/**
 * Throws UsageError for a file of secrets that is part of the project's code: it would be in the image, and among the
 * changes that are recorded.
 */
export async function checkNoCode(
  { envFiles, secretFiles }: Pick<HandedOn, 'envFiles' | 'secretFiles'>,
  projectDirectory: string,
  storageDirectory: string,
): Promise<void> {
  const files = [...Object.keys(envFiles), ...Object.values(secretFiles)];
  const root = realpathSync(projectDirectory);
  const below = files.map((file) => ({
    file,
    path: relative(root, realpathSync(resolve(file)))
      .split(sep)
      .join('/'),
  }));
  const inside = below.filter(({ path }) => !path.startsWith('../'));
  if (inside.length === 0) return;
  const code = await describeContext(projectDirectory, { exclude: [storageDirectory] });
  const found = inside.find(({ path }) => code.files.some((each) => each.path === path));
  if (found === undefined) return;
  throw new UsageError(`The file of secrets ${found.file} is part of the project's code: its image would hold it.`, {
    hint: `Move it out of the project, or have git pass over it: \`git rm --cached\` it, and add /${found.path} to .gitignore.`,
  });
}

/** Throws UsageError for a parameter that repeats a secret: parameters are recorded, on the server and in the run's folder. */
export function checkParameters(parameters: Readonly<Record<string, string>>, secrets: readonly string[]): void {
  const found = Object.entries(parameters).find(([, value]) => secrets.some((secret) => value.includes(secret)));
  if (found === undefined) return;
  throw new UsageError(
    `The parameter ${found[0]} holds a secret that the program is handed, and parameters are recorded.`,
    {
      hint: 'Leave it away: the program finds the secret in its variable or its file.',
    },
  );
}
