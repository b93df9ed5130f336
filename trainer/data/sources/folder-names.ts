import type { SplitName } from '../dataset.ts';

const splits: Readonly<Record<string, SplitName>> = {
  train: 'training',
  training: 'training',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'test',
  testing: 'test',
};

/** The part that a folder of this name is for; null where the name says nothing of that. */
export function splitOfFolder(name: string): SplitName | null {
  return splits[name.toLowerCase()] ?? null;
}

const shadowFolders = ['__MACOSX', '.ipynb_checkpoints'];

/** Whether a path leads to what programs put beside people's files, as macOS puts `._name` and `__MACOSX` into its zips. */
export function isShadow(path: string): boolean {
  const parts = path.split('/');
  return (parts.at(-1) as string).startsWith('.') || parts.some((part) => shadowFolders.includes(part));
}
