import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configText } from '../../../src/init/config-text.ts';
import { projectFiles } from '../../../src/init/project-files.ts';
import { checkProjectName, projectNameOf } from '../../../src/init/project-name.ts';
import { writeFiles } from '../../../src/init/write-files.ts';
import { loadProject } from '../../../src/project/index.ts';
import { isTrainerCommand, type TrainerParameter, trainerImageName } from '../../../src/trainer-program/index.ts';
import { parseConfig } from '../../../trainer/config-file.ts';
import {
  type ParameterDescription,
  parameterDescriptions,
  parameterNames,
  parametersAsJsonSchema,
} from '../../../trainer/parameters.ts';
import { temporaryDirectory } from '../../support/index.ts';
import { runTrainer } from '../../support/trainer.ts';

const templates = resolve(import.meta.dirname, '../../../templates/init');
const described = parametersAsJsonSchema().properties as Record<string, TrainerParameter>;

describe('the configuration file of a new project', () => {
  const text = configText(described);

  it('holds every parameter at its default, as the trainer reads it', () => {
    const defaults = parameterNames.map((name) => [name, parameterDescriptions[name].default]);
    const { values: written } = parseConfig(text.replaceAll(/^#(\w+: .*)$/gm, '$1'), 'config.yaml');
    expect(written).toEqual(Object.fromEntries(defaults));
  });

  it('shows a parameter without a text instead of setting it', () => {
    expect(parseConfig(text, 'config.yaml').values).not.toHaveProperty('run_name');
    expect(text).toContain('#run_name: ""');
  });

  it.each(parameterNames)('says what %s means and which values it takes, right above it', (name) => {
    const { description, minimum, maximum }: ParameterDescription = parameterDescriptions[name];
    const lines = text.split('\n');
    const line = lines.findIndex((words) => new RegExp(`^#?${name}: `).test(words));
    expect(lines[line - 2]).toBe(`# ${description}`);
    expect(lines[line - 1]).toMatch(/^# .+; by default .+\.$/);
    if (minimum !== undefined) expect(lines[line - 1]).toContain(` from ${minimum} to ${maximum};`);
  });

  it('lists the choices of a parameter that has some, and quotes what YAML would read otherwise', () => {
    const made = configText({
      shape: { type: 'string', default: 'round', description: 'Form.', enum: ['round', 'square'] },
      label: { type: 'string', default: 'a: b', description: 'Words.' },
    });
    expect(made).toContain('# One of round, square; by default round.\nshape: round\n');
    expect(made).toContain('label: "a: b"');
  });
});

describe('the MLproject of a new project', () => {
  it('launches the trainer with the configuration file, and has no key without an effect', async () => {
    await using folder = await temporaryDirectory();
    const text = readFileSync(`${templates}/MLproject`, 'utf8').replaceAll('{{name}}', 'demo');
    writeFileSync(folder.join('MLproject'), text);
    const project = await loadProject(folder.path);
    expect(project).toMatchObject({ name: 'demo', warnings: [], docker: { image: trainerImageName } });
    const { main } = project.entryPoints;
    expect(isTrainerCommand(main?.command ?? '')).toBe(true);
    expect(main?.parameters).toMatchObject([{ name: 'config', default: 'config.yaml' }]);
    expect(main?.command).toContain('--config {config}');
  });
});

describe('a new project with classes of its own', () => {
  it('names classes that its files export, and gives their parameters', async () => {
    await using folder = await temporaryDirectory();
    const made = await projectFiles('striped', { components: true });
    await writeFiles(folder.join('striped'), made);
    for (const config of made.filter(({ name }) => name.endsWith('config.yaml'))) {
      const question = ['--config', config.name, '--check'];
      const { stdout, stderr } = await runTrainer(question, {}, folder.join('striped'));
      expect(stderr).toBe('');
      const text = parseConfig(config.content, config.name);
      expect(JSON.parse(stdout)).toMatchObject({
        ...text.values,
        'data_loader.images': Number(text.sections.data_loader?.images),
        'model_builder.filters': Number(text.sections.model_builder?.filters),
        'evaluator.sure_from': 0.8,
      });
    }
    const note = made.find(({ name }) => name === 'README.md')?.content ?? '';
    for (const [, file = ''] of note.matchAll(/^\| `([^`]+)` \|/gm))
      expect(made.map(({ name }) => name)).toContain(file);
    expect(made.filter(({ content }) => content.includes('{{'))).toEqual([]);
  });
});

describe('the note of a new project', () => {
  const note = readFileSync(`${templates}/README.md`, 'utf8');

  it('tells how to look back at the runs', () => {
    expect(note).toMatch(/^slipway runs$/m);
    expect(note).toMatch(/^slipway runs show \S+$/m);
  });

  it('calls the trainer by a path or by npx, as its documentation does: it is on no PATH', () => {
    const documentation = readFileSync(resolve(templates, '../../docs/new-project.md'), 'utf8');
    for (const text of [note, documentation]) {
      const called = text.match(/\S* ?\S*slipway-train (?=--help|--config config)/g) ?? [];
      expect(called.length).toBeGreaterThan(0);
      for (const command of called) expect(command).toMatch(/npx slipway-train |bin\/slipway-train /);
    }
  });
});

describe('the name of a new project', () => {
  it('is taken as it is where an image can be called so', () => {
    for (const name of ['demo', 'blood-cells', 'a', 'v1.2_b']) expect(checkProjectName(name)).toBe(name);
  });

  it.each([
    ['Blood Cells', 'blood-cells'],
    ['Demo', 'demo'],
    ['_x', 'x'],
    ['a..b', 'a.b'],
    [trainerImageName, 'my-trainer'],
  ])('is refused where it cannot be an image, with one that can: %s', (name, usable) => {
    expect(() => checkProjectName(name)).toThrow(
      expect.objectContaining({ exitCode: 64, hint: `\`slipway init ${usable}\`` }),
    );
  });

  it('is suggested for the same place', () => {
    expect(() => checkProjectName('Demo', '../my cells')).toThrow(
      expect.objectContaining({ hint: "`slipway init '../my cells/demo'`" }),
    );
  });

  it('is made from the name of a folder that nobody chose for it', () => {
    expect(projectNameOf('/home/me/Blood Cells')).toBe('blood-cells');
    expect(projectNameOf(`/home/me/${trainerImageName}`)).toBe(`my-${trainerImageName}`);
  });
});
