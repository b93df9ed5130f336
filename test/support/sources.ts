import { expect } from 'vitest';
import type { z } from 'zod';
import { UsageError } from '../../src/errors.ts';
import type { DataSource, SourceContext, SourceDefinition } from '../../trainer/data/sources/source.ts';

/** A source with its parameters as a configuration gives them; `await using` closes it. */
export async function openSource<Schema extends z.ZodObject>(
  definition: SourceDefinition<Schema>,
  parameters: z.input<Schema>,
  context: Partial<SourceContext> = {},
): Promise<DataSource & AsyncDisposable> {
  const source = await definition.open(definition.parameters.parse(parameters), {
    cacheDirectory: null,
    warn: () => {},
    environment: {},
    ...context,
  });
  return { ...source, [Symbol.asyncDispose]: () => source.close() };
}

/** Id, class, part and checksum of every entry, and its pixels. */
export async function contentOf(source: DataSource): Promise<Record<string, unknown>[]> {
  const content: Record<string, unknown>[] = [];
  for (const [place, { id, label, split }] of source.entries.entries()) {
    const fingerprint = await source.fingerprint(place);
    content.push({ id, name: source.classNames[label], split, fingerprint, image: await source.read(place) });
  }
  return content;
}

/** The message of the UsageError that an action must end with: one sentence. */
export async function refusal(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsageError)) throw new Error(`expected a UsageError, got ${String(error)}`, { cause: error });
  expect(error.message).toMatch(/^[^\n]*\.$/);
  return error.message;
}

/** Reads every image of a source that may not open, and gives the message of the UsageError that this must end with. */
export function refusalOf<Schema extends z.ZodObject>(
  definition: SourceDefinition<Schema>,
  parameters: z.input<Schema>,
  context: Partial<SourceContext> = {},
): Promise<string> {
  return refusal(
    (async () => {
      await using source = await openSource(definition, parameters, context);
      await contentOf(source);
    })(),
  );
}
