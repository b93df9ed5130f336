import { SlipwayError, UnavailableError, UsageError } from '../errors.ts';
import { withoutLogins } from './without-logins.ts';

/** What git says in English of a repository that it does not get, and what it means for a person. */
const meanings: readonly {
  readonly words: RegExp;
  readonly error: (url: string, stderr: string) => SlipwayError;
}[] = [
  {
    words: /could not resolve host|name or service not known|temporary failure in name resolution/i,
    error: (url) =>
      new UnavailableError(`The host of the repository ${url} is not known.`, {
        hint: 'Is its name spelt as it should be, and does this machine reach the network?',
      }),
  },
  {
    words: /cannot run ssh/i,
    error: (url) =>
      new UnavailableError(`The repository ${url} is reached by ssh, which is not installed, or not in the PATH.`, {
        hint: 'Install it; on Debian and Ubuntu: `apt-get install openssh-client`',
      }),
  },
  {
    words: /host key verification failed/i,
    error: (url) =>
      new UnavailableError(`ssh does not know the host of the repository ${url}, and nobody is there to be asked.`, {
        hint: 'Connect once by yourself, and compare the key: `git ls-remote URL`',
      }),
  },
  {
    words:
      /authentication failed|could not read (username|password)|permission denied|access denied|returned error: 40[13]|not authorized/i,
    error: (url) =>
      new UsageError(`The repository ${url} does not let this user in, or does not exist.`, {
        hint: /^https?:/i.test(url)
          ? 'git takes a login from its credential helper: https://git-scm.com/docs/gitcredentials'
          : 'Is the key there that the server knows? `ssh-add -l`',
      }),
  },
  {
    words:
      /repository.* not found|does not appear to be a git repository|does not exist|returned error: 404|no such (file|device)|not a git repository/i,
    error: (url) =>
      new UsageError(`There is no git repository at ${url}, or not for this user.`, {
        hint: 'Is the address the one that `git clone` takes?',
      }),
  },
  {
    words:
      /failed to connect|couldn't connect|connection (refused|timed out|reset)|operation (timed out|too slow)|no route to host|network is unreachable|returned error: 5\d\d/i,
    error: (url, stderr) =>
      new UnavailableError(`The host of the repository ${url} does not answer: ${lastWords(stderr)}.`, {
        hint: 'Try again, or look at the network and its proxy.',
      }),
  },
  {
    words:
      /remote helper|'remote-[^']*' is not a git command|transport '.*' not allowed|protocol '.*' is not supported|unable to find remote helper/i,
    error: (url) =>
      new UsageError(`git does not know the kind of address of ${url}.`, {
        hint: 'It takes https://, ssh://, git@host:path and file://.',
      }),
  },
];

/** The error of a git command that should have reached a repository: what it means where that is known, else git's words. */
export function remoteError(url: string, stderr: string): SlipwayError {
  const known = meanings.find(({ words }) => words.test(stderr));
  if (known !== undefined) return known.error(url, stderr);
  return new SlipwayError(`The repository ${url} could not be had: ${lastWords(stderr)}.`, {
    hint: 'Does `git ls-remote URL` work?',
  });
}

/** The line that says why, without a login that a setting of git may have put into an address. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const line = lines.find((each) => /^(fatal|error|ssh|remote):/.test(each)) ?? lines.at(-1) ?? 'git said nothing';
  return withoutLogins(line)
    .replace(/^(fatal|error): (unable to access '[^']*': )?/, '')
    .replace(/\.$/, '');
}
