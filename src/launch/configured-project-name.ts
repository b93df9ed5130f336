import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorCode, UsageError } from '../errors.ts';
import { experimentNameProblem } from '../util/experiment-name.ts';
import { parseYaml } from '../util/yaml-file.ts';

/**
 * `project_name` of a configuration file of the trainer: the experiment's name; null where it does not say.
 * Throws UsageError with file and line for one that cannot be a name.
 * @param file From the project's folder on.
 */
export async function configuredProjectName(directory: string, file: string): Promise<string | null> {
  const text = await readFile(resolve(directory, file), 'utf8').catch((error: unknown) => {
    // What the trainer could not be asked about before, it says when it starts.
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  const yaml = parseYaml(text ?? '', file);
  const content = yaml.content;
  if (typeof content !== 'object' || content === null || !Object.hasOwn(content, 'project_name')) return null;
  const name = (content as { readonly project_name: unknown }).project_name;
  const problem = experimentNameProblem(name);
  if (problem === null) return String(name);
  throw new UsageError(`${file}, ${yaml.locateKey(['project_name'])}: project_name ${problem}.`);
}
