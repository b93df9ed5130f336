import { relative } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { NewProject } from '../init/index.ts';
import type { Look } from '../report/look.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';

/** What is to be typed next, a command each. */
export function nextCommands(project: NewProject, workingDirectory: string, ownCommand: string): string[] {
  const path = relative(workingDirectory, project.directory);
  return [...(path === '' ? [] : [`cd ${quoteForShell(path)}`]), `${ownCommand} run`];
}

/** The answer for a person: what was made, how it stands to git, what to type next. */
export function initLines(project: NewProject, next: readonly string[], look: Look): string[] {
  const { paint } = look;
  const width = Math.max(...project.files.map(({ name }) => name.length));
  return [
    `${paint.good('✓')} ${paint.strong(project.name)} is made in ${project.directory}`,
    ...project.files.map(({ name, purpose }) => `  ${name.padEnd(width)}  ${paint.faint(purpose)}`),
    ...versioningLines(project),
    '',
    'Next:',
    ...next.map((command) => `  ${paint.accent(command)}`),
  ];
}

function versioningLines({ versioning, files }: NewProject): string[] {
  if (versioning.kind === 'committed') {
    const where = versioning.isNew ? 'a new git repository' : `the git repository ${versioning.topLevel}`;
    const who = versioning.author === null ? '' : `, by ${versioning.author}: git knows no other name of yours`;
    return [`  Committed to ${where} as ${versioning.commit.slice(0, 12)}${who}.`];
  }
  if (versioning.kind === 'uncommitted') {
    return [
      `  Nothing is committed: it lies in the git repository ${versioning.topLevel}. A run of a commit can be had again:`,
      `  git add ${files.map(({ name }) => name).join(' ')} && git commit`,
    ];
  }
  if (versioning.kind === 'refused') {
    const where = `the git repository ${versioning.topLevel}`;
    return [
      `  Nothing is committed: ${versioning.isAdded ? `its files are added to ${where}` : `it lies in ${where}`}.`,
    ];
  }
  return [
    `  It is in no git repository (${versioning.why}). A run of a commit can be had again:`,
    '  git init && git add . && git commit -m "First version"',
  ];
}

/** Why there is no commit, and what to do, where one was asked for. */
export function notCommitted(
  { name, directory, files, versioning }: NewProject,
  workingDirectory: string,
): SlipwayError {
  const why = 'why' in versioning ? versioning.why.replace(/\.$/, '') : 'git said nothing';
  const path = relative(workingDirectory, directory);
  const names = files.map((file) => file.name).join(' ');
  const git = path === '' ? 'git' : `git -C ${quoteForShell(path)}`;
  const repeated = `${git} add ${names} && ${git} commit --only ${names}`;
  const command = versioning.kind === 'none' ? `${git} init && ${repeated}` : repeated;
  return new SlipwayError(`${name} is made, but git did not commit it, as --git asks: ${why}.`, {
    hint: `Mend that, and commit it: \`${command}\``,
  });
}
