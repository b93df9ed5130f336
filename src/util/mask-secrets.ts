import { escapeMarkup } from './escape-markup.ts';

/** Shorter ones would mask half of every line, and protect nothing. */
const shortestSecret = 4;

/** Of a secret of several lines. */
const shortestLine = 8;

/** A part of base64 that is shorter may be a part of anything. */
const shortestEncoded = 8;

/** The forms of a list of secrets, made once: a list that has grown since has them made anew. */
const known = new WeakMap<readonly string[], { readonly count: number; readonly forms: readonly string[] }>();

/**
 * The text with every occurrence of a secret replaced by `***`: as it is, each of its lines, and as it stands in an
 * address, in JSON, in markup, and in base64 wherever in a longer text it begins. Secrets of under four characters are left.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return text;
  const found = secretForms(secrets).flatMap((form) => placesOf(text, form));
  if (found.length === 0) return text;
  found.sort(([first], [second]) => first - second);
  let masked = '';
  let end = 0;
  for (let index = 0; index < found.length; ) {
    const [from] = found[index]!;
    masked += `${text.slice(end, from)}***`;
    // What overlaps goes as one: the rest of a secret is still a part of it.
    [, end] = found[index]!;
    for (index += 1; index < found.length && found[index]![0] < end; index += 1) end = Math.max(end, found[index]![1]);
  }
  return masked + text.slice(end);
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

/** The texts by which `maskSecrets` knows the secrets: made once for a list as long as it does not grow. */
export function secretForms(secrets: readonly string[]): readonly string[] {
  const earlier = known.get(secrets);
  if (earlier?.count === secrets.length) return earlier.forms;
  const forms = [...new Set(secrets.flatMap(formsOfOne))];
  known.set(secrets, { count: secrets.length, forms });
  return forms;
}

function formsOfOne(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  // Of several lines the short ones may be brackets and words.
  const telling = lines.filter(({ length }) => length >= shortestLine);
  const plain = [
    secret,
    ...telling,
    encodeURIComponent(Buffer.from(secret).toString()),
    jsonText(secret),
    escapeMarkup(secret),
  ];
  return [
    ...plain.filter((form) => form.trim().length >= shortestSecret),
    ...base64Forms(secret.trim()).filter((form) => form.length >= shortestEncoded),
  ];
}

function jsonText(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}

/**
 * The characters of base64 (RFC 4648, section 4) that a text decides alone, where it begins at a byte 0, 1 or 2 of the
 * groups of three that are encoded together; and the same in the alphabet for addresses.
 */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const form = encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
    return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function placesOf(text: string, form: string): [from: number, to: number][] {
  const places: [number, number][] = [];
  for (let from = text.indexOf(form); from >= 0; from = text.indexOf(form, from + form.length)) {
    places.push([from, from + form.length]);
  }
  return places;
}
