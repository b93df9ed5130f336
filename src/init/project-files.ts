import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeTrainer } from '../trainer-program/index.ts';
import { packageRoot } from '../util/package-root.ts';
import { configText } from './config-text.ts';

/** A file of a new project. */
export interface NewFile {
  /** Its path in the project's folder, with forward slashes. */
  readonly name: string;
  readonly content: string;
  /** What it is for, in a few words. */
  readonly purpose: string;
}

export interface ProjectFilesOptions {
  /** Whether it has classes of its own: a data loader, a network and an evaluator. */
  readonly components?: boolean;
  readonly signal?: AbortSignal;
}

/** The files of a new project, in the order in which a person looks at them. */
export async function projectFiles(projectName: string, options: ProjectFilesOptions = {}): Promise<NewFile[]> {
  const template = async (name: string, folder = 'init'): Promise<string> =>
    (await readFile(join(packageRoot(), 'templates', folder, name), 'utf8')).replaceAll('{{name}}', projectName);
  const [project, parts, ignored] = await Promise.all([
    template('MLproject'),
    options.components === true ? componentFiles(template) : plainFiles(template, options.signal),
    // npm packs no file called .gitignore.
    template('gitignore'),
  ]);
  return [
    { name: 'MLproject', content: project, purpose: 'what a run is: image, command, parameters' },
    ...parts,
    { name: '.gitignore', content: ignored, purpose: 'keeps data and runs out of git' },
  ];
}

type Template = (name: string, folder?: string) => Promise<string>;

async function plainFiles(template: Template, signal: AbortSignal | undefined): Promise<NewFile[]> {
  const [parameters, note] = await Promise.all([
    describeTrainer(signal === undefined ? {} : { signal }),
    template('README.md'),
  ]);
  return [
    { name: 'config.yaml', content: configText(parameters), purpose: "the trainer's parameters: change them here" },
    { name: 'README.md', content: note, purpose: 'how to run, compare and change' },
  ];
}

/** What a project with classes of its own has besides, and what each file is for. */
const componentPurposes = {
  'config.yaml': 'which classes a run takes, and their parameters',
  'src/dataset.ts': 'which samples there are, and how one is read',
  'src/model.ts': 'the network',
  'src/evaluator.ts': 'what is asked of each prediction',
  'runs/large/config.yaml': 'another run, of more images and a wider network',
  'README.md': 'how to run and change',
} as const;

function componentFiles(template: Template): Promise<NewFile[]> {
  const files = Object.entries(componentPurposes).map(async ([name, purpose]) => {
    return { name, content: await template(name, 'components'), purpose };
  });
  return Promise.all(files);
}
