import { expect, it } from 'vitest';
import { remoteError } from '../../../src/source/remote-error.ts';

// As git 2.39 and OpenSSH 9.2 say them.
it.each([
  [
    "fatal: unable to access 'https://h/c/': Could not resolve host: h",
    'The host of the repository U is not known.',
    69,
  ],
  ['ssh: Could not resolve hostname h: Name or service not known', 'The host of the repository U is not known.', 69],
  ['Host key verification failed.\nfatal: Could not read from remote repository.', 'ssh does not know the host', 69],
  ["fatal: could not read Username for 'https://h': terminal prompts disabled", 'does not let this user in', 64],
  ['git@h: Permission denied (publickey).\nfatal: Could not read from remote', 'does not let this user in', 64],
  ["remote: Repository not found.\nfatal: repository 'https://h/c/' not found", 'There is no git repository at U', 64],
  ["fatal: '/srv/c' does not appear to be a git repository", 'There is no git repository at U', 64],
  ['error: cannot run ssh: No such file or directory\nfatal: unable to fork', 'ssh, which is not installed', 69],
  ["fatal: unable to access 'https://h/c/': Failed to connect to h port 443", 'does not answer: Failed to connect', 69],
  ["git: 'remote-foo' is not a git command. See 'git --help'.", 'git does not know the kind of address of U.', 64],
  ["fatal: something else at 'https://ada:s3@cr3t@h/c?private_token=s3cr3t'", "at 'https://h/c?private_token=***'", 1],
  ['fatal: something else at https://ada:s3cr3t@h/c', 'could not be had: something else at https://h/c.', 1],
])('%s', (stderr, message, exitCode) => {
  const error = remoteError('U', stderr);
  expect(error.message).toContain(message);
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).not.toContain('s3cr3t');
});
