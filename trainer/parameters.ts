/** One parameter of the training program: what the MLproject declares and `--describe` prints. */
export interface ParameterDescription {
  readonly type: 'integer' | 'number' | 'boolean' | 'string';
  readonly default: number | boolean | string;
  readonly description: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
}

/** Every parameter by name, in the order in which they are shown. */
export const parameterDescriptions = {
  epochs: {
    type: 'integer',
    default: 5,
    minimum: 1,
    maximum: 10_000,
    description: 'Passes over the training samples.',
  },
  batch_size: { type: 'integer', default: 32, minimum: 1, maximum: 4096, description: 'Samples a training step.' },
  convolutions: {
    type: 'integer',
    default: 2,
    minimum: 0,
    maximum: 8,
    description:
      'Convolutional layers, each followed by max pooling that halves the image: 32, 64, 128, then 256 filters. 0 means VGG16 instead.',
  },
  learning_rate: {
    type: 'number',
    default: 0.001,
    minimum: 1e-8,
    maximum: 10,
    description: 'Learning rate of the optimizer at the start.',
  },
  training_samples: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 10_000_000,
    description:
      'Training samples to use, with both classes in proportion; 0 means all that the data hold. Synthetic cells are drawn in any number; 0 means 2000 of them.',
  },
  validation_samples: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 10_000_000,
    description:
      'Validation samples to use, with both classes in proportion; 0 means all that the data hold. Synthetic cells are drawn in any number; 0 means 400 of them.',
  },
  randomize_images: {
    type: 'boolean',
    default: false,
    description: 'Flip, turn by quarters and slightly brighten or darken each training image, anew in every epoch.',
  },
  seed: {
    type: 'integer',
    default: 1,
    minimum: 0,
    maximum: 2_147_483_647,
    description: 'Decides the split, the initial weights, the order of samples and all other chance.',
  },
  threads: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 1024,
    description: 'Threads of TensorFlow; 0 means one a core. Equal numbers need equal threads.',
  },
  data: {
    type: 'string',
    default: 'synthetic',
    description:
      'The word synthetic (cells drawn from the seed), or a zip file or folder with cell_images/{Parasitized,Uninfected}/*.png.',
  },
  image_size: {
    type: 'integer',
    default: 50,
    minimum: 8,
    maximum: 512,
    description: 'Width and height in pixels to which every image is brought.',
  },
  input_height: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 4096,
    description: 'Height in pixels to which images are brought; 0 means image_size.',
  },
  input_width: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 4096,
    description: 'Width in pixels to which images are brought; 0 means image_size.',
  },
  max_steps: {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 2_000_000_000,
    description: 'Training steps after which the training ends, however many epochs are left; 0 means no bound.',
  },
  data_loader_class: {
    type: 'string',
    default: '',
    description: 'Where data come from; empty means synthetic_cells for data synthetic, else malaria.',
  },
  augmentor_class: {
    type: 'string',
    default: '',
    description:
      'How training images are changed at random; empty means orientation where randomize_images is true, else not at all.',
  },
  preprocessor_class: { type: 'string', default: 'standard', description: 'What is made of samples for the network.' },
  model_builder_class: {
    type: 'string',
    default: '',
    description: 'Which network is trained; empty means convolutional, or vgg16 where convolutions is 0.',
  },
  evaluator_class: {
    type: 'string',
    default: '',
    description:
      'What is told of each data point of validation and test; empty means classification or, of an autoencoder, reconstruction.',
  },
  src_code_path: {
    type: 'string',
    default: '',
    description:
      "Folder of classes of one's own, such as dataset.MyLoader, as seen from the project's; empty means that folder itself.",
  },
  run_name: { type: 'string', default: '', description: "The run's name; empty means one is made up." },
} as const satisfies Record<string, ParameterDescription>;

export type ParameterName = keyof typeof parameterDescriptions;

type ValueOf<Type extends ParameterDescription['type']> = Type extends 'boolean'
  ? boolean
  : Type extends 'string'
    ? string
    : number;

/** The value of every parameter. */
export type Parameters = {
  readonly [Name in ParameterName]: ValueOf<(typeof parameterDescriptions)[Name]['type']>;
};

export const parameterNames = Object.keys(parameterDescriptions) as ParameterName[];

/** All parameters as JSON Schema (draft 2020-12). */
export function parametersAsJsonSchema(): Record<string, unknown> {
  const properties = parameterNames.map((name) => {
    const { choices, ...described }: ParameterDescription = parameterDescriptions[name];
    return [name, choices === undefined ? described : { ...described, enum: choices }] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Parameters of the training program',
    type: 'object',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

/** The text of `--help`. */
export function parametersHelp(): string {
  const lines = parameterNames.flatMap((name) => {
    const {
      description,
      type,
      default: fallback,
      minimum,
      maximum,
    }: ParameterDescription = parameterDescriptions[name];
    const bounds = minimum === undefined ? '' : `, ${minimum} to ${maximum}`;
    const shown = fallback === '' ? 'empty' : fallback;
    return [`  --${name.replaceAll('_', '-')} <${type}>`, `      ${description} (default: ${shown}${bounds})`];
  });
  return [
    'Usage: slipway-train [--config <file>] [--<parameter> <value>]...',
    '',
    'Trains a network that tells classes of images apart, or gives images back.',
    '',
    ...lines,
    '  --<section>.<setting> <value>',
    '      A setting of a part of the training, as --model_builder.dropout_rate 0.3: docs/trainer.md names them all.',
    '  --config <file>',
    '      YAML file of parameters, as batch_size: 64. What stands on the command line wins over it.',
    '  --defaulted <name>,<name>',
    '      Parameters whose values beside it are only defaults: the file of --config wins over them.',
    '  --check',
    '      Check the parameters, print what a training would use as JSON, and end.',
    '  --keep-code-unread',
    "      With --check: find the files of one's own classes, and run nothing of them.",
    '  --describe',
    '      Print all parameters as JSON Schema.',
    '  --self-check',
    '      Load TensorFlow, train one step on noise, and print as JSON whether that works.',
    '  --help',
    '      Print this text.',
    '',
  ].join('\n');
}
