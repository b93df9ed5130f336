import { z } from 'zod';
import { type AskOptions, askTrainer } from './ask-trainer.ts';

const parameterSchema = z.object({
  type: z.enum(['integer', 'number', 'boolean', 'string']),
  default: z.union([z.number(), z.boolean(), z.string()]),
  description: z.string(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.string()).optional(),
});

const descriptionSchema = z.object({ properties: z.record(z.string(), parameterSchema) });

/** A parameter of the trainer as it describes itself: a property of a JSON Schema. */
export type TrainerParameter = z.infer<typeof parameterSchema>;

/** All parameters of the trainer by name, in the order in which they are shown. */
export async function describeTrainer(options: AskOptions = {}): Promise<Readonly<Record<string, TrainerParameter>>> {
  return descriptionSchema.parse(JSON.parse(await askTrainer(['--describe'], options))).properties;
}
