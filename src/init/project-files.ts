import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeTrainer } from '../trainer-program/index.ts';
import { packageRoot } from '../util/package-root.ts';
import { configText } from './config-text.ts';

/** A file of a new project. */
export interface NewFile {
  /** Its name in the project's folder. */
  readonly name: string;
  readonly content: string;
  /** What it is for, in a few words. */
  readonly purpose: string;
}

/** The files of a new project, in the order in which a person looks at them. */
export async function projectFiles(projectName: string, signal?: AbortSignal): Promise<NewFile[]> {
  const template = async (name: string): Promise<string> =>
    (await readFile(join(packageRoot(), 'templates', 'init', name), 'utf8')).replaceAll('{{name}}', projectName);
  const [project, parameters, note, ignored] = await Promise.all([
    template('MLproject'),
    describeTrainer(signal === undefined ? {} : { signal }),
    template('README.md'),
    // npm packs no file called .gitignore.
    template('gitignore'),
  ]);
  return [
    { name: 'MLproject', content: project, purpose: 'what a run is: image, command, parameters' },
    { name: 'config.yaml', content: configText(parameters), purpose: "the trainer's parameters: change them here" },
    { name: 'README.md', content: note, purpose: 'how to run, compare and change' },
    { name: '.gitignore', content: ignored, purpose: 'keeps data and runs out of git' },
  ];
}
