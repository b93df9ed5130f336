/** Causes of causes are told to this depth: a circle must not go on for ever. */
const deepest = 5;

/** The stack of an error with those of its causes, for whoever looks for a fault. */
export function stackText(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < deepest && current !== undefined && current !== null; depth += 1) {
    const text = current instanceof Error ? (current.stack ?? current.message) : String(current);
    parts.push(depth === 0 ? text : `Caused by: ${text}`);
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join('\n');
}
