import { z } from 'zod';

// Every scalar arrives as the text of the file (see util/yaml-file.ts), so numbers and booleans are read here.

const text = z.string();
const flag = z
  .string()
  .regex(/^(true|false)$/i, 'expected true or false')
  .transform((value) => value.toLowerCase() === 'true');
const bound = z
  .string()
  .refine((value) => value.trim() !== '' && Number.isFinite(Number(value)), 'expected a number')
  .transform(Number);

const parameterSchema = z.object({
  type: text.nullish(),
  default: text.nullish(),
  description: text.nullish(),
  min: bound.nullish(),
  max: bound.nullish(),
  choices: z.array(text).min(1, 'expected at least one value').nullish(),
});

const entryPointSchema = z.object({
  command: text.min(1, 'expected a command'),
  /** `name: type`, `name: {type, default, …}` or just `name:`. */
  parameters: z.record(z.string(), z.union([text.nullable(), parameterSchema])).nullish(),
});

const dockerSchema = z.object({
  image: text.min(1, 'expected the name of an image').nullish(),
  volumes: z.array(text).nullish(),
  environment: z.array(z.union([text, z.tuple([text, text])])).nullish(),
  dockerfile: text.min(1, 'expected the path of a Dockerfile').nullish(),
  gpus: z
    .string()
    .regex(/^(all|[1-9]\d*|device=\S+)$/, 'expected all, a count, or device=0,1')
    .nullish(),
});

/** An MLproject file. Keys that are not named here are warned about and otherwise passed over. */
export const projectFileSchema = z.object({
  name: text.min(1, 'expected a name').nullish(),
  docker_env: dockerSchema.nullish(),
  python_env: text.nullish(),
  conda_env: text.nullish(),
  entry_points: z.record(z.string(), entryPointSchema).nullish(),
  strict_parameters: flag.nullish(),
  project_name: text.nullish(),
  register_model: text.nullish(),
  primary_metric: text.nullish(),
});

export type ProjectFile = z.infer<typeof projectFileSchema>;
export type ParameterEntry = z.infer<typeof parameterSchema>;

/** The keys each kind of map may have. */
export const knownKeys = {
  project: Object.keys(projectFileSchema.shape),
  docker: Object.keys(dockerSchema.shape),
  entryPoint: Object.keys(entryPointSchema.shape),
  parameter: Object.keys(parameterSchema.shape),
};
