import { basename } from 'node:path';

/** A file that git does not track and that is larger stays out of images and diffs: it is data, not code. */
const maximumUntrackedBytes = 5 * 1000 * 1000;

/** A file kept out, and why: a clause such as `looks like credentials`. */
export interface LeftOutFile {
  /** Relative to the folder that was asked about, with slashes. */
  readonly path: string;
  readonly reason: string;
}

/** Names under which tools keep secrets. Examples and public keys may pass. */
const credentialNames = [
  /^\.env(\..+)?$/,
  /^\.?(netrc|pgpass|npmrc|pypirc|git-credentials|htpasswd|dockercfg|boto)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)$/,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk)$/,
  /^(credentials|secrets?|kubeconfig|service[-_]?account)(\.(json|ya?ml|toml|ini|txt|env))?$/,
];
const credentialFolders = /(^|\/)(\.ssh|\.aws|\.gnupg|\.kube|\.docker|\.azure|gcloud)\//;

/** True for a path whose name says that it holds a secret. */
export function looksLikeCredentials(path: string): boolean {
  const name = basename(path).toLowerCase();
  if (/\.(example|sample|template|dist)$/.test(name)) return false;
  return credentialFolders.test(path.toLowerCase()) || credentialNames.some((pattern) => pattern.test(name));
}

/** Why an untracked file stays out, or null where it goes along. */
export function leftOutReason(path: string, sizeBytes: number): string | null {
  if (looksLikeCredentials(path)) return 'looks like credentials';
  return sizeBytes > maximumUntrackedBytes ? 'is over 5 MB and not tracked' : null;
}
