import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { parseArguments } from '../../../../trainer/arguments.ts';
import { plainSetup } from '../../../../trainer/components/index.ts';
import { type Configuration, configurationOf } from '../../../../trainer/configuration/configuration.ts';
import { createComponents } from '../../../../trainer/configuration/create-components.ts';
import { augmentors } from '../../../../trainer/data/augmentors/index.ts';
import { dataLoaders } from '../../../../trainer/data/loaders/index.ts';
import { preprocessors } from '../../../../trainer/data/preprocessors/index.ts';
import { modelBuilders } from '../../../../trainer/models/index.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../support/index.ts';

function configure(...argv: string[]): Configuration {
  const request = parseArguments(argv);
  if (request.kind !== 'train') throw new Error(`expected a training, got ${request.kind}`);
  return configurationOf(request.settings, '/mnt/storage');
}

function refusal(...argv: string[]): UsageError {
  try {
    configure(...argv);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`${argv.join(' ')} was accepted`);
}

describe('a configuration', () => {
  it('is made of the main job’s components where nothing is said', () => {
    const { dataLoader, augmentor, preprocessor, modelBuilder, inputHeight, inputWidth } = configure();
    expect([dataLoader.name, augmentor, preprocessor.name, modelBuilder.name]).toEqual([
      ...['synthetic_cells', null, 'standard', 'convolutional'],
    ]);
    expect([inputHeight, inputWidth]).toEqual([50, 50]);
  });

  it('chooses the loader by the data, and the augmentor by the old parameter', () => {
    const { dataLoader, augmentor, parameters } = configure('--data', '/mnt/storage/x.zip', '--randomize-images', '1');
    expect(dataLoader).toMatchObject({ name: 'malaria', parameters: { location: '/storage/x.zip' } });
    expect(augmentor?.name).toBe('orientation');
    // As it is written for every engine.
    expect(parameters.data).toBe('/storage/x.zip');
  });

  it('reads numbers, truth values and lists from text, by the types of the component’s parameters', () => {
    const { modelBuilder } = configure(
      ...['--model_builder_class', 'mlp', '--model_builder.units', '64, 32', '--model-builder.dropout-rate=0.25'],
    );
    expect(modelBuilder.parameters).toEqual({ units: [64, 32], dropout_rate: 0.25 });
    expect(configure('--data', 'x.zip', '--data_loader.resize', 'False').dataLoader.parameters).toMatchObject({
      resize: false,
      cache_mib: 1024,
    });
  });

  it('takes a setting by its short name or its full one, which wins, and logs it once', () => {
    const both = configure('--convolutions', '3', '--model_builder.convolutions', '4', '--learning-rate', '0.1');
    expect(both.parameters.convolutions).toBe(4);
    expect(both.modelBuilder.parameters).toMatchObject({ convolutions: 4 });
    expect(both.training.learning_rate).toBe(0.1);
    expect(both.flattened).toMatchObject({ convolutions: 4, learning_rate: 0.1, 'model_builder.dense_units': 128 });
    expect(both.flattened).not.toHaveProperty(['model_builder.convolutions']);
    expect(both.flattened).not.toHaveProperty(['training.learning_rate']);
    for (const value of Object.values(both.flattened)) expect(['string', 'number', 'boolean']).toContain(typeof value);
  });

  it.each([
    [['--convolutions', '0']],
    [['--model_builder.convolutions', '0']],
    [['--model_builder_class', 'vgg16', '--convolutions', '3']],
  ])('takes VGG16 for %j, with its own settings', (argv) => {
    const chosen = configure(...argv, '--model_builder.weights', '/mnt/storage/vgg16.h5');
    expect(chosen.modelBuilder).toMatchObject({
      name: 'vgg16',
      parameters: { weights: '/mnt/storage/vgg16.h5', fine_tune_from: '' },
    });
    // As it is written for every engine.
    expect(chosen.flattened).toMatchObject({ 'model_builder.weights': '/storage/vgg16.h5' });
  });

  it('refuses VGG16 without weights, and says where they come from and how to do without', () => {
    const { message, hint } = refusal('--convolutions', '0');
    expect(message).toBe('The network vgg16 needs a file of its weights, and model_builder.weights names none.');
    expect(hint).toMatch(
      /^Download https:\/\/storage\.googleapis\.com\/tensorflow\/keras-applications\/vgg16\/\S+_notop\.h5 /,
    );
    expect(hint).toContain('set model_builder.weights=random');
    expect(configure('--convolutions', '0', '--model_builder.weights', 'random').modelBuilder.name).toBe('vgg16');
  });

  it.each([
    [
      ['--model_builder_class', 'convolutional', '--convolutions', '0'],
      /^Setting model_builder\.convolutions is '0': /,
    ],
    [
      ['--convolutions', '0', '--model_builder.weights', 'random', '--image-size', '31'],
      'The network vgg16 needs images of 32x32 pixels or more, but they have 31x31.',
    ],
    [
      ['--convolutions', '0', '--model_builder.fine_tune_from', 'block6'],
      /^Setting model_builder\.fine_tune_from is 'block6': expected one of .*"block5"/,
    ],
    [['--model_builder_class', 'mpl'], "Parameter model_builder_class is 'mpl', which is not known."],
    [['--model_builder_class', 'mlp', '--model_builder.unit', '3'], 'There is no setting named model_builder.unit.'],
    [['--preprocessor.scaling', 'wide'], /^Setting preprocessor\.scaling is 'wide': expected one of "centered"/],
    [['--model_builder.dropout_rate', '3'], /^Setting model_builder\.dropout_rate is '3': .*0\.95\.$/],
    [['--model_builder.dense_units', 'many'], /^Setting model_builder\.dense_units is 'many': expected number/],
    [['--model_builder.filters', '3,x'], /^Setting model_builder\.filters\.1 is '3,x': expected number/],
    [
      ['--image-size', '8', '--convolutions', '8'],
      'Parameter convolutions is 8, but an image of 8 pixels can be halved only 3 times.',
    ],
    [['--model_builder.convolutions', '99'], 'Parameter convolutions is 99, but must be from 0 to 8.'],
    [['--training.optimizer', 'adm'], "Setting training.optimizer is 'adm', which is not known."],
    [['--augmentor.rotation', '3'], 'Setting augmentor.rotation is given, but no augmentor is chosen.'],
    [['--export.metric', 'val_los'], /^Setting export\.metric is 'val_los': expected one of "loss"\|/],
    [
      ['--training.schedule', 'plateau', '--training.schedule_parameters.monitor', 'val_f1'],
      /^Setting training\.schedule_parameters\.monitor is 'val_f1': expected one of "loss"\|/,
    ],
  ])('refuses %j in one sentence', (argv, message) => {
    expect(refusal(...argv).message).toMatch(message);
    expect(refusal(...argv).exitCode).toBe(64);
  });

  it('names what was probably meant', () => {
    expect(refusal('--model_builder_class', 'mpl').hint).toContain('Did you mean mlp?');
    expect(refusal('--preprocessor.scalling', 'unit').hint).toBe('Did you mean preprocessor.scaling?');
    expect(refusal('--model_builder_class', 'mlp', '--model_builder.q', '1').hint).toBe(
      'There are units, dropout_rate.',
    );
  });
});

describe('a configuration with a file', () => {
  let folder: TemporaryDirectory;
  beforeAll(async () => {
    folder = await temporaryDirectory();
  });
  afterAll(() => folder.remove());

  /** The arguments that name a file with this text. */
  function withFile(text: string, ...argv: string[]): string[] {
    const file = folder.join('config.yaml');
    writeFileSync(file, text);
    return ['--config', file, ...argv];
  }

  it.each([
    [
      'training:\n  learning_rate:\n',
      'line 2, column 3: Setting training.learning_rate has no value: expected number.',
    ],
    ['model_builder:\n  filters:\n', 'line 2, column 3: Setting model_builder.filters has no value: expected array.'],
    [
      'model_builder:\n  filters: [3, ]\n  dense_units: [1, ~]\n',
      'line 3, column 3: Setting model_builder.dense_units is ["1",null]: expected number, received array.',
    ],
    [
      'training:\n  optimizer_parameters: {beta_1: }\n',
      'line 2, column 26: Setting training.optimizer_parameters.beta_1 has no value: expected number.',
    ],
    ['epochs: 2\nmodel_builder:\n  drop: 1\n', 'line 3, column 3: There is no setting named model_builder.drop.'],
    ['model_builder_class: mpl\n', "line 1, column 1: Parameter model_builder_class is 'mpl', which is not known."],
    [
      'model_builder: {convolutions: 99}\n',
      'line 1, column 17: Parameter convolutions is 99, but must be from 0 to 8.',
    ],
    [
      'data_loader_class: sql\ndata_loader:\n  id_column: x\n',
      'line 2, column 1: Setting data_loader.query is missing: expected a SELECT.',
    ],
  ])('is refused with the place of what is wrong: %j', (text, message) => {
    const argv = withFile(text);
    expect(refusal(...argv).message).toBe(`${argv[1]}, ${message}`);
  });

  it('says no place of what the command line gave instead', () => {
    const text = 'model_builder:\n  dropout_rate: 0.1\naugmentor:\n  brightness: 0\n';
    const wrong = withFile(text, '--model_builder.dropout_rate', '3', '--augmentor_class', 'orientation');
    expect(refusal(...wrong).message).toMatch(/^Setting model_builder\.dropout_rate is '3': /);
    // For once without its augmentor.
    expect(configure(...withFile(text, '--augmentor_class', 'none')).augmentor).toBeNull();
    expect(refusal(...withFile(text)).message).toContain(
      'config.yaml, line 4, column 3: Setting augmentor.brightness is given, but no augmentor is chosen.',
    );
  });

  it('lets the command line fill a map that is empty there', () => {
    const argv = withFile('training:\n  optimizer_parameters:\n', '--training.optimizer_parameters.beta_1', '0.5');
    expect(configure(...argv).optimizer.parameters).toMatchObject({ beta_1: 0.5 });
  });
});

describe('the components', () => {
  const all = { ...dataLoaders, ...augmentors, ...preprocessors, ...modelBuilders };

  it.each(Object.entries(all))('%s describes each of its parameters', (_, { parameters }) => {
    for (const [name, schema] of Object.entries(parameters.shape)) {
      expect((schema as { description?: string }).description, name).toMatch(/^\S.*\.$/);
    }
  });

  it.each(Object.entries({ ...augmentors, ...preprocessors, ...modelBuilders }))(
    '%s can be made without a configuration',
    (_, Class) => {
      expect(new Class().setup).toBe(plainSetup);
    },
  );

  it('are made as the configuration says', () => {
    const made = createComponents(configure('--augmentor_class', 'orientation', '--augmentor.brightness', '0'), {
      ...plainSetup,
      seed: 7,
    });
    expect(made.augmentor).toMatchObject({ parameters: { brightness: 0 }, setup: { seed: 7 } });
    expect(made.dataLoader.setup.seed).toBe(7);
  });
});

describe('a network that gives back its input', () => {
  const autoencoder = ['--model_builder_class', 'autoencoder'];

  it('has the defaults of its task, which settings win over', () => {
    const { preprocessor, evaluator, export: exported, flattened } = configure(...autoencoder);
    expect(preprocessor.parameters).toEqual({ scaling: 'unit' });
    expect(evaluator.name).toBe('reconstruction');
    expect(exported).toMatchObject({ metric: 'val_loss', mode: 'min' });
    expect(flattened).toMatchObject({ 'preprocessor.scaling': 'unit', 'model_builder.units': '256,128,256' });
    expect(configure(...autoencoder, '--preprocessor.scaling', 'none').preprocessor.parameters).toEqual({
      scaling: 'none',
    });
    expect(configure().preprocessor.parameters).toEqual({ scaling: 'centered' });
    expect(configure().evaluator.name).toBe('classification');
  });

  it('knows the metrics of its task', () => {
    const watched = configure(
      ...[...autoencoder, '--export.metric', 'val_mae', '--training.schedule', 'plateau'],
      ...['--training.schedule_parameters.monitor', 'val_mse'],
    );
    expect(watched.export.metric).toBe('val_mae');
  });

  it.each([
    [
      ['--export.metric', 'val_auc'],
      "Setting export.metric is 'val_auc', which is not measured of the network autoencoder.",
    ],
    [
      ['--training.schedule', 'plateau', '--training.schedule_parameters.monitor', 'accuracy'],
      "The settings training.schedule_parameters watch 'accuracy', which is not measured of the network autoencoder.",
    ],
    [
      ['--training.label_smoothing', '0.1'],
      'Setting training.label_smoothing is 0.1, but the network autoencoder learns from no labels.',
    ],
    [
      ['--training.class_weights', 'balanced'],
      'Setting training.class_weights is balanced, but the network autoencoder learns from no labels.',
    ],
    [
      ['--evaluator_class', 'classification'],
      "Parameter evaluator_class is 'classification', which is about a classification, but autoencoder is for a reconstruction.",
    ],
    [
      ['--model_builder.output_activation', 'linear', '--model_builder.loss', 'binary_crossentropy'],
      "Setting model_builder.loss is 'binary_crossentropy': expected mean_squared_error where output_activation is linear.",
    ],
  ])('refuses %j', (argv, message) => {
    expect(refusal(...autoencoder, ...argv).message).toBe(message);
  });

  it('has metrics that others do not', () => {
    const { message, hint } = refusal('--export.metric', 'val_mae');
    expect(message).toBe("Setting export.metric is 'val_mae', which is not measured of the network convolutional.");
    expect(hint).toMatch(/^There are loss, accuracy, .*, val_auc, /);
  });
});
