import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { errorCode, errorMessage, UsageError } from '../errors.ts';
import { modelNameProblem } from '../util/model-name.ts';
import { parseYaml, type YamlFile } from '../util/yaml-file.ts';
import { toDeclaration } from './parameter-declaration.ts';
import type { DockerEnvironment, EntryPoint, Project } from './project.ts';
import { type ProjectFile, projectFileSchema } from './schema.ts';
import { unknownKeyWarnings } from './unknown-keys.ts';

/**
 * Reads the MLproject of a folder.
 * @param options.fallbackName The name of a project that declares none, where its folder's does not tell.
 * @throws UsageError where there is none, or where it is malformed: with file, line and column.
 */
export async function loadProject(
  directory: string,
  options: { readonly fallbackName?: string } = {},
): Promise<Project> {
  const absolute = resolve(directory);
  const file = await findProjectFile(absolute);
  if (file === null) {
    throw new UsageError(`There is no MLproject file in ${absolute}.`, {
      hint: 'Name the folder that holds one, as in: `slipway run path/to/project`',
    });
  }
  return readProject(absolute, file, options.fallbackName);
}

/** As loadProject, but null where the folder has no MLproject. */
export async function loadProjectIfAny(directory: string): Promise<Project | null> {
  const absolute = resolve(directory);
  const file = await findProjectFile(absolute);
  return file === null ? null : readProject(absolute, file);
}

async function readProject(absolute: string, file: string, fallbackName = basename(absolute)): Promise<Project> {
  const yaml = parseYaml(await readFile(file, 'utf8'), file);
  const content = validate(yaml, file);
  const warnings = unknownKeyWarnings(yaml);

  const environments = (['docker_env', 'python_env', 'conda_env'] as const).filter((key) => content[key] != null);
  if (environments.length > 1) {
    throw new UsageError(
      `${file} names more than one environment (${environments.join(', ')}), and a project has at most one.`,
      { hint: 'Leave docker_env, and remove the others.' },
    );
  }
  for (const key of environments.filter((name) => name !== 'docker_env')) {
    warnings.push(`${key} in the MLproject has no effect: the command runs in a container image, see docker_env.`);
  }

  const entryPoints: Record<string, EntryPoint> = {};
  for (const [name, entryPoint] of Object.entries(content.entry_points ?? {})) {
    const parameters = Object.entries(entryPoint.parameters ?? {}).map(([parameter, declaration]) => {
      const where = `${file}, ${yaml.locate(['entry_points', name, 'parameters', parameter])}`;
      return toDeclaration(parameter, declaration, where, warnings);
    });
    entryPoints[name] = { name, command: entryPoint.command, parameters, isScript: false };
  }

  return {
    directory: absolute,
    file,
    name: content.name ?? fallbackName,
    docker: dockerEnvironment(content, absolute, yaml, file),
    entryPoints,
    strictParameters: content.strict_parameters ?? false,
    projectName: content.project_name || null,
    registerModel: registeredModel(content.register_model, () => `${file}, ${yaml.locate(['register_model'])}`),
    primaryMetric: content.primary_metric || null,
    warnings,
  };
}

/** Its name is taken in any case, as `mlflow run` does; the usual spelling wins where there are several. */
async function findProjectFile(directory: string): Promise<string | null> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${errorMessage(error)})`;
    throw new UsageError(`The project folder ${directory} ${why}.`, {
      hint: 'Name a folder that holds an MLproject file, as in: `slipway run path/to/project`',
      cause: error,
    });
  }
  const found = names.filter((name) => name.toLowerCase() === 'mlproject').sort()[0];
  return found === undefined ? null : join(directory, found);
}

function validate(yaml: YamlFile, file: string): ProjectFile {
  // An empty file is an empty project, as for mlflow run.
  const content = yaml.content ?? {};
  if (typeof content === 'object' && 'databricks_spark_job' in content) {
    throw new UsageError(`${file} describes a databricks_spark_job, which runs on Databricks alone.`);
  }
  const result = projectFileSchema.safeParse(content);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const subject = issue.path.length === 0 ? 'the file' : issue.path.join('.');
  throw new UsageError(`${file}, ${yaml.locate(issue.path)}: ${subject} is wrong: ${expectation(issue)}.`, {
    cause: result.error,
  });
}

/** What zod expected, without its own beginning of a sentence. */
function expectation(issue: {
  readonly code?: string;
  readonly message: string;
  readonly path: PropertyKey[];
}): string {
  if (issue.code === 'invalid_union') {
    return issue.path.includes('environment')
      ? 'expected NAME to copy a variable, or [NAME, value] to define one'
      : 'expected a type, or a map of type, default, description, min, max and choices';
  }
  const message = issue.message
    .replace(/^Invalid input: /, '')
    .replaceAll('record', 'map')
    .replaceAll('object', 'map');
  return message.replace(/received undefined/, 'but it is missing').replace(', received', ', not');
}

function dockerEnvironment(
  content: ProjectFile,
  directory: string,
  yaml: YamlFile,
  file: string,
): DockerEnvironment | null {
  const docker = content.docker_env;
  if (docker == null) return null;
  const dockerfile = docker.dockerfile ?? null;
  if (dockerfile !== null && !existsSync(join(directory, dockerfile))) {
    const where = yaml.locate(['docker_env', 'dockerfile']);
    throw new UsageError(`${file}, ${where}: the Dockerfile ${join(directory, dockerfile)} does not exist.`, {
      hint: 'Correct docker_env.dockerfile, or leave it out for the Dockerfile beside the MLproject.',
    });
  }
  if (docker.image == null && dockerfile === null && !existsSync(join(directory, 'Dockerfile'))) {
    throw new UsageError(
      `${file}, ${yaml.locate(['docker_env'])}: docker_env has no image, and ${directory} has no Dockerfile.`,
      { hint: 'Name a base image, as in: docker_env: {image: node:24-slim}' },
    );
  }
  const environment: Record<string, string | null> = {};
  for (const entry of docker.environment ?? []) {
    if (typeof entry === 'string') environment[entry] = null;
    else environment[entry[0]] = entry[1];
  }
  return {
    image: docker.image ?? null,
    volumes: docker.volumes ?? [],
    environment,
    dockerfile,
    gpus: docker.gpus ?? null,
  };
}

function registeredModel(value: string | null | undefined, where: () => string): string | false | null {
  if (value == null) return null;
  if (value === '' || value.toLowerCase() === 'false') return false;
  const problem = modelNameProblem(value);
  if (problem === null) return value;
  throw new UsageError(`${where()}: register_model ${problem}.`, {
    hint: 'Correct it, or write `register_model: false` to register no model.',
  });
}
