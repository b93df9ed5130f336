import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProject } from '../../../src/project/index.ts';
import {
  type ParameterDescription,
  parameterDescriptions,
  parameterNames,
  parametersAsJsonSchema,
  parametersHelp,
} from '../../../trainer/parameters.ts';

const types = { integer: 'int', number: 'float', boolean: 'bool', string: 'string' } as const;

describe('the MLproject', () => {
  it('declares the parameters exactly as the trainer describes them', async () => {
    const project = await loadProject(resolve(import.meta.dirname, '../../..'));
    const declared = project.entryPoints.main?.parameters;
    const described = parameterNames.map((name) => {
      const { type, default: fallback, ...rest }: ParameterDescription = parameterDescriptions[name];
      return {
        name,
        type: types[type],
        default: String(fallback),
        description: rest.description,
        min: rest.minimum ?? null,
        max: rest.maximum ?? null,
        choices: rest.choices ?? null,
      };
    });
    expect(declared).toEqual(described);
  });

  it('hands every parameter to the command once, and has no key that is unknown', async () => {
    const project = await loadProject(resolve(import.meta.dirname, '../../..'));
    const handed = [...(project.entryPoints.main?.command ?? '').matchAll(/--([a-z-]+) \{([a-z_]+)\}/g)];
    expect(handed.map(([, , placeholder]) => placeholder)).toEqual(parameterNames);
    expect(handed.map(([, option]) => option?.replaceAll('-', '_'))).toEqual(parameterNames);
    expect(project.warnings).toEqual([]);
    expect(project.strictParameters).toBe(true);
  });
});

describe('parametersAsJsonSchema', () => {
  it('gives type, default, bounds and description of each parameter, and allows no other', () => {
    const schema = parametersAsJsonSchema();
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties).toMatchObject({
      convolutions: { type: 'integer', default: 2, minimum: 0, maximum: 8 },
      randomize_images: { type: 'boolean', default: false },
      data: { type: 'string', default: 'synthetic' },
    });
    for (const name of parameterNames) {
      expect((schema.properties as Record<string, { description: string }>)[name]?.description).toMatch(/\.$/);
    }
  });
});

describe('the number of samples', () => {
  it.each([
    ['training_samples', 2000],
    ['validation_samples', 400],
  ] as const)('%s says what 0 means for data that are there and for those that are drawn', async (name, count) => {
    const { description } = parameterDescriptions[name];
    expect(description).toContain('0 means all that the data hold.');
    expect(description).toContain(`Synthetic cells are drawn in any number; 0 means ${count} of them.`);
  });
});

describe('parametersHelp', () => {
  it('names every option', () => {
    for (const name of parameterNames) expect(parametersHelp()).toContain(`--${name.replaceAll('_', '-')} <`);
  });
});
