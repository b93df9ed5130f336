import { z } from 'zod';
import { type ComponentSetup, plainSetup } from './setup.ts';

/** The schema of a component that has no parameters. */
export const noParameters = z.strictObject({});

/** Parameters as a person gives them: all of them have defaults, or the component asks for them. */
export type GivenParameters = Readonly<Record<string, unknown>>;

/**
 * What all five parts of a training have in common. A class of one's own extends one of the five base classes and, where
 * it has parameters, says which:
 *
 *     class MyModel extends ModelBuilder<z.output<typeof parameters>> {
 *       static override readonly parameters = parameters;
 *     }
 *
 * Each can be made without a configuration, from the defaults of its schema: `new MyModel()`.
 */
export abstract class Component<Parameters extends object = Readonly<Record<string, never>>> {
  /** Types, defaults, bounds and descriptions of the parameters: a zod object. */
  static readonly parameters: z.ZodObject = noParameters;

  /** As the schema gives them. */
  readonly parameters: Parameters;
  /** What is known of the training. */
  readonly setup: ComponentSetup;

  /** Throws z.ZodError where a parameter does not fit its schema. */
  constructor(parameters: GivenParameters = {}, setup: ComponentSetup = plainSetup) {
    const { parameters: schema } = this.constructor as typeof Component;
    this.parameters = schema.parse(parameters) as unknown as Parameters;
    this.setup = setup;
  }
}

/** A class of components, as it stands in a registry or in a file of one's own. */
export interface ComponentClass<Instance> {
  readonly parameters: z.ZodObject;
  new (parameters?: GivenParameters, setup?: ComponentSetup): Instance;
}
