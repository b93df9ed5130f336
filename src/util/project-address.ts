import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';

/** A project in a git repository that is somewhere else. */
export interface RemoteProject {
  /** What git is given: an address without a folder, and without anything secret. */
  readonly repositoryUrl: string;
  /** The project's folder in the repository, with slashes and none at either end; empty for its top. */
  readonly folder: string;
  /** Both, as a person types them: `https://host/team/project.git#folder`. */
  readonly uri: string;
}

const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;
/** ssh's short form, `git@host:team/project.git`: as for git, a slash before the colon makes it a path. */
const shortForm = /^(?:[^@/:\s]+@)?[^@/:\s]+:(?!:)[^\s]/;

/** True for the address of a repository, false for a folder: a folder that exists is always one. */
export function isRemoteProject(text: string): boolean {
  return scheme.test(text) || (shortForm.test(text) && !existsSync(text));
}

/** A project as a request holds it: an address as it was typed, a folder by its absolute path. */
export function locateProject(text: string): string {
  return isRemoteProject(text) ? text : resolve(text);
}

/**
 * Reads `<repository>[#<folder>]`, as `mlflow run` takes it.
 * @throws UsageError for an address with a secret in it, which is not repeated, and for a folder outside the repository.
 */
export function parseRemoteProject(text: string): RemoteProject {
  const mark = text.indexOf('#');
  const repositoryUrl = mark < 0 ? text : text.slice(0, mark);
  const parts = (mark < 0 ? '' : text.slice(mark + 1)).split('/').filter((part) => part !== '' && part !== '.');
  refuseSecrets(repositoryUrl);
  if (/[\0-\x20\x7f]/.test(repositoryUrl) || repositoryUrl.startsWith('-')) {
    throw new UsageError(`${JSON.stringify(repositoryUrl)} is no address of a git repository.`, {
      hint: 'As in: `slipway run https://host/team/project.git`',
    });
  }
  if (parts.includes('..')) {
    throw new UsageError(`The folder ${parts.join('/')} lies outside the repository ${repositoryUrl}.`, {
      hint: `Name a folder of the repository, as in: \`slipway run ${repositoryUrl}#projects/cells\``,
    });
  }
  const folder = parts.join('/');
  return { repositoryUrl, folder, uri: folder === '' ? repositoryUrl : `${repositoryUrl}#${folder}` };
}

/** The name of the repository: the last part of its address, without `.git`. */
export function repositoryName(repositoryUrl: string): string {
  const last = repositoryUrl
    .replace(/[?].*$/, '')
    .replace(/\/+(?:\.git)?\/*$/, '')
    .split(/[/:]/)
    .at(-1);
  const name = (last ?? '').replace(/\.git$/, '');
  return name === '' ? 'project' : name;
}

/** A command line is seen by everyone on the machine, and an address is recorded: neither may hold a secret. */
function refuseSecrets(url: string): void {
  const [, protocol = '', login = ''] = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/]*)@)?/i.exec(url) ?? [];
  const isHttp = /^https?$/i.test(protocol);
  // On its own, the user of http may be a token; that of ssh is none.
  if (login !== '' && (isHttp || login.includes(':'))) {
    throw new UsageError(
      'The address of the repository holds a login, which everyone could read in the run’s record.',
      {
        hint: isHttp
          ? 'Leave it out, and give it to git’s credential helper: https://git-scm.com/docs/gitcredentials'
          : 'Leave the password out, and have ssh use a key: `ssh-add`',
      },
    );
  }
  if (isHttp && url.includes('?')) {
    throw new UsageError('The address of the repository has a query (?…), in which a secret may stand.', {
      hint: 'Leave the query out, as in: `slipway run https://host/team/project.git`',
    });
  }
}
