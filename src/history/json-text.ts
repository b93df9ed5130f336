/** An answer as a JSON document. Numbers that JSON does not have are spelled as in the run log. */
export function jsonText(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, part: unknown) => (typeof part === 'number' && !Number.isFinite(part) ? String(part) : part),
    2,
  );
}
