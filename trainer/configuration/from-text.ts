import { z } from 'zod';
import { closest } from '../../src/util/closest.ts';
import { SettingError } from './setting-error.ts';

/**
 * A setting as people write it: text, as it stands in a file or on the command line, or lists and maps of it; null where
 * a file has a name without a value.
 */
export type SettingText = string | null | readonly SettingText[] | { readonly [key: string]: SettingText };

type JsonSchema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly description?: string;
  readonly default?: unknown;
};

/** The schema of what may be given, as JSON Schema. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

/**
 * The values of a section of the configuration, read from text by the types of its schema.
 * Throws SettingError that names the setting (`model_builder.dropout_rate`), what it is and what was expected.
 */
export function parseSection<Output extends object>(
  section: string,
  given: Readonly<Record<string, SettingText>>,
  schema: z.ZodType<Output>,
): Output {
  const described = jsonSchemaOf(schema);
  checkNames(`${section}.`, given, described);
  const result = schema.safeParse(convert(given, described));
  if (result.success) return result.data;
  throw refusal(section, given, result.error.issues[0] as z.core.$ZodIssue);
}

/** Refuses a name that is not known, in the section or in a map within it. */
function checkNames(prefix: string, given: Readonly<Record<string, SettingText>>, schema: JsonSchema): void {
  for (const [key, value] of Object.entries(given)) {
    checkKnown(prefix, key, schema);
    const inner = objectOf(schema.properties?.[key]);
    if (isTextMap(value) && inner?.properties !== undefined) checkNames(`${prefix}${key}.`, value, inner);
  }
}

function isTextMap(value: SettingText): value is { readonly [key: string]: SettingText } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkKnown(prefix: string, key: string, { properties = {}, additionalProperties }: JsonSchema): void {
  if (Object.hasOwn(properties, key)) return;
  if (additionalProperties !== undefined && additionalProperties !== false) return;
  const names = Object.keys(properties);
  const nearest = closest(key, names);
  const all = names.length === 0 ? 'There is none in this section.' : `There are ${names.join(', ')}.`;
  throw new SettingError(`${prefix}${key}`, `There is no setting named ${prefix}${key}.`, {
    hint: nearest === undefined ? all : `Did you mean ${prefix}${nearest}?`,
  });
}

/** Text stands for a number or a truth value where one is expected; what stands for neither is left for the schema to refuse. */
function convert(value: SettingText, schema: JsonSchema | undefined): unknown {
  if (value === null) return null;
  if (typeof value === 'string') return scalar(value, schema);
  if (Array.isArray(value)) {
    return (value as readonly SettingText[]).map((item, index) =>
      convert(item, schema?.prefixItems?.[index] ?? schema?.items ?? itemsOf(schema)),
    );
  }
  const fields = schema?.properties === undefined ? objectOf(schema) : schema;
  const rest = typeof fields?.additionalProperties === 'object' ? fields.additionalProperties : undefined;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, convert(item, fields?.properties?.[key] ?? rest)]),
  );
}

function itemsOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  return schema?.anyOf?.find(({ type }) => type === 'array')?.items;
}

function objectOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  return schema?.anyOf?.find(({ type }) => type === 'object') ?? schema;
}

function scalar(text: string, schema: JsonSchema | undefined): unknown {
  const types = schema?.anyOf?.map(({ type }) => type) ?? [schema?.type];
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
  if (isNumber && types.some((type) => type === 'number' || type === 'integer')) return Number(text);
  if (types.includes('boolean') && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (types.includes('null') && /^(null|~|)$/.test(text)) return null;
  // A list on the command line: a,b,c.
  if (!types.includes('string') && types.includes('array')) {
    const items = schema?.items ?? itemsOf(schema);
    return text === '' ? [] : text.split(',').map((item) => scalar(item.trim(), items));
  }
  return text;
}

function refusal(section: string, given: Readonly<Record<string, SettingText>>, issue: z.core.$ZodIssue): SettingError {
  const name = [section, ...issue.path].join('.');
  let value: unknown = given;
  // A list may be one text, as on the command line.
  for (const key of issue.path) {
    if (typeof value === 'string' && typeof key === 'number') break;
    value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  const shown = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  const what = value === null ? 'has no value' : value === undefined ? 'is missing' : `is ${shown}`;
  const expected = issue.message
    .replace(/^Invalid (input|option): /, '')
    .replace(/, received (null|undefined)$/, '')
    .replace(/^./, (letter) => letter.toLowerCase());
  return new SettingError(name, `Setting ${name} ${what}: ${expected}.`);
}
