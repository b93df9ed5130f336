/** Shorter ones would mask half of every line, and protect nothing. */
const shortestSecret = 4;

/** The text with every occurrence of a secret replaced by `***`. Secrets of under four characters are left. */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  // The longest first, so that one that contains another goes as a whole; each line of a key by itself.
  const parts = secrets
    .flatMap((secret) => [secret, ...secret.split(/\r?\n/), encodeURIComponent(secret), jsonText(secret)])
    .filter((part) => part.trim().length >= shortestSecret)
    .sort((first, second) => second.length - first.length);
  return parts.reduce((masked, part) => masked.replaceAll(part, '***'), text);
}

function jsonText(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}
