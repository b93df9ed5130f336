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

/** The value with maskSecrets applied to every text in it, however deep; the names of its fields stay. */
export function maskSecretsIn<Value>(value: Value, secrets: readonly string[]): Value {
  if (secrets.length === 0) return value;
  return masked(value, secrets) as Value;
}

function masked(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return maskSecrets(value, secrets);
  if (Array.isArray(value)) return value.map((item) => masked(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, masked(field, secrets)]));
}

function jsonText(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}
