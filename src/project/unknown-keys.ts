import { didYouMean } from '../util/closest.ts';
import type { YamlFile } from '../util/yaml-file.ts';
import { knownKeys } from './schema.ts';

/** One sentence for each key that has no effect: a misspelt `paramters` must not pass in silence. */
export function unknownKeyWarnings(yaml: YamlFile): string[] {
  const warnings: string[] = [];
  const check = (value: unknown, path: readonly string[], known: readonly string[]) => {
    for (const key of Object.keys(asMap(value))) {
      if (known.includes(key)) continue;
      const where = path.length === 0 ? '' : ` of ${path.join('.')}`;
      const place = yaml.locate([...path, key]);
      warnings.push(`The key ${key}${where} in the MLproject (${place}) has no effect${didYouMean(key, known) || '.'}`);
    }
  };

  const project = asMap(yaml.content);
  check(project, [], knownKeys.project);
  check(project.docker_env, ['docker_env'], knownKeys.docker);
  for (const [name, entryPoint] of Object.entries(asMap(project.entry_points))) {
    check(entryPoint, ['entry_points', name], knownKeys.entryPoint);
    for (const [parameter, declaration] of Object.entries(asMap(asMap(entryPoint).parameters))) {
      check(declaration, ['entry_points', name, 'parameters', parameter], knownKeys.parameter);
    }
  }
  return warnings;
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
