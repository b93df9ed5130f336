import { z } from 'zod';
import { runLogEvent } from './schema.ts';

/** The contract as JSON Schema, for programs in other languages; kept current in `docs/run-log.schema.json`. */
export function runLogJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(runLogEvent, { io: 'input' });
  return {
    $schema,
    title: 'Slipway run log event',
    description: 'One line of <run folder>/events/<writer>.ndjson. See run-log.md.',
    ...rest,
  };
}
