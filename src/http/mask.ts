/** Replaces every secret in a text, so that an error or a log line can be shown to anyone. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => (secret.length < 3 ? masked : masked.replaceAll(secret, '***')), text);
}

/** An address that can be shown: without user info, and without the query where that is a signature. */
export function displayUrl(address: string | URL, isPresigned = false): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  if (isPresigned) url.search = '';
  return url.toString();
}
