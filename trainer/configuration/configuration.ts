import type { z } from 'zod';
import { errorMessage, UsageError } from '../../src/errors.ts';
import type { ComponentClass, GivenParameters } from '../components/component.ts';
import type { DataLoader } from '../components/data-loader.ts';
import type { Evaluator } from '../components/evaluator.ts';
import type { ModelBuilder } from '../components/model-builder.ts';
import type { Augmentor, Preprocessor } from '../components/preprocessor.ts';
import { augmentors } from '../data/augmentors/index.ts';
import { dataLoaders } from '../data/loaders/index.ts';
import { preprocessors } from '../data/preprocessors/index.ts';
import { evaluators } from '../evaluation/evaluators/index.ts';
import { tasks } from '../evaluation/tasks/index.ts';
import { modelBuilders } from '../models/index.ts';
import { type ParameterValue, parseValue } from '../parameter-value.ts';
import type { ParameterName, Parameters } from '../parameters.ts';
import { asStoragePath } from '../storage-path.ts';
import { optimizers } from '../training/optimizers/index.ts';
import type { OptimizerDefinition } from '../training/optimizers/optimizer.ts';
import { schedules } from '../training/schedules/index.ts';
import type { ScheduleDefinition } from '../training/schedules/schedule.ts';
import { parseSection, type SettingText } from './from-text.ts';
import { type OwnClasses, UnreadComponent } from './own-classes/index.ts';
import { memberNamed } from './registry.ts';
import { isMap, leaves, type SectionName, type SectionTexts, type Settings } from './sections.ts';
import { placed, SettingError } from './setting-error.ts';
import { shortNames } from './short-names.ts';
import { checkTaskSettings, taskOf, withTaskDefaults } from './task-settings.ts';
import { type ExportSection, exportSection, type TrainingSection, trainingSection } from './training-section.ts';

/** A component that was chosen, with its parameters as its schema gives them. */
export interface Chosen<Instance> {
  /** As the configuration calls it. */
  readonly name: string;
  readonly class: ComponentClass<Instance>;
  readonly parameters: GivenParameters;
}

/** A definition of a registry that was chosen, with its parameters as its schema gives them. */
export interface Named<Definition> {
  readonly definition: Definition;
  readonly parameters: GivenParameters;
}

/** Everything a training is made of, checked. */
export interface Configuration {
  readonly parameters: Parameters;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly dataLoader: Chosen<DataLoader<object>>;
  /** Null where samples are left as they are. */
  readonly augmentor: Chosen<Augmentor<object>> | null;
  readonly preprocessor: Chosen<Preprocessor<object>>;
  readonly modelBuilder: Chosen<ModelBuilder<object>>;
  readonly evaluator: Chosen<Evaluator<object>>;
  readonly training: TrainingSection;
  /** The optimizer that the training names, with its parameters as its schema gives them. */
  readonly optimizer: Named<OptimizerDefinition>;
  /** How the learning rate changes, likewise. */
  readonly schedule: Named<ScheduleDefinition>;
  readonly export: ExportSection;
  /** All parameters and settings by their full names, as they are logged. */
  readonly flattened: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Reads the settings by the components that they name. Paths below the storage folder are kept as they are written for
 * every engine. Throws UsageError for what does not fit, with its place where a file gave it.
 * @param own Classes of a person's own, by the parameter that names them: they take the place of the trainer's.
 */
export function configurationOf(
  settings: Settings,
  storageDirectory: string | null,
  own: OwnClasses = {},
): Configuration {
  try {
    return readSettings(settings, storageDirectory, own);
  } catch (error) {
    throw placed(error, settings.places);
  }
}

function readSettings(
  { parameters: given, sections: texts }: Settings,
  storageDirectory: string | null,
  own: OwnClasses,
): Configuration {
  const componentNamed = <Instance>(
    setting: keyof OwnClasses,
    name: string,
    registry: Readonly<Record<string, ComponentClass<Instance>>>,
  ) => (own[setting] as ComponentClass<Instance> | undefined) ?? memberNamed(setting, name, registry);
  const read = withSettings(given, texts);
  const parameters = { ...read, data: asStoragePath(read.data, storageDirectory) };
  if (parameters.data === '' && parameters.data_loader_class === '') {
    throw new UsageError('Parameter data is empty, but must be the word synthetic, a zip file or a folder.');
  }
  const loaderName = parameters.data_loader_class || (parameters.data === 'synthetic' ? 'synthetic_cells' : 'malaria');
  const augmentorName = parameters.augmentor_class || (parameters.randomize_images ? 'orientation' : 'none');
  const loader = componentNamed('data_loader_class', loaderName, dataLoaders);
  const augmentor = augmentorName === 'none' ? null : componentNamed('augmentor_class', augmentorName, augmentors);
  // Who says that there is none, for once, may leave its settings where they are.
  if (augmentor === null && parameters.augmentor_class !== 'none') checkNone('augmentor', texts, augmentors);
  const preprocessor = componentNamed('preprocessor_class', parameters.preprocessor_class, preprocessors);
  const builderName = parameters.model_builder_class || (parameters.convolutions === 0 ? 'vgg16' : 'convolutional');
  const builder = componentNamed('model_builder_class', builderName, modelBuilders);
  const network = sectionOf('model_builder', chosenByConvolutions(texts, parameters), parameters, builder);
  const modelBuilder = new builder(network);
  // Of a class that was not run nothing is known; most tell classes apart.
  const isUnread = (builder as unknown) === UnreadComponent;
  const task = isUnread ? tasks.classification : taskOf(modelBuilder, builderName);
  const evaluatorName = parameters.evaluator_class || task.evaluator;
  const evaluator = componentNamed('evaluator_class', evaluatorName, evaluators);
  const preprocessing = withTaskDefaults(texts, task, 'preprocessor', preprocessor.parameters);

  const sections = {
    data_loader: sectionOf('data_loader', texts, parameters, loader),
    augmentor: augmentor === null ? {} : sectionOf('augmentor', texts, parameters, augmentor),
    preprocessor: sectionOf('preprocessor', preprocessing, parameters, preprocessor),
    model_builder: network,
    evaluator: sectionOf('evaluator', texts, parameters, evaluator),
    training: sectionOf('training', texts, parameters, { parameters: trainingSection }) as TrainingSection,
    export: sectionOf('export', texts, parameters, { parameters: exportSection }) as ExportSection,
  };
  const optimizer = named('optimizer', texts, optimizers, sections.training.optimizer);
  const schedule = named('schedule', texts, schedules, sections.training.schedule);
  const inputHeight = parameters.input_height || parameters.image_size;
  const inputWidth = parameters.input_width || parameters.image_size;
  modelBuilder.checkParameters();
  modelBuilder.checkImageSize(inputHeight, inputWidth);
  const { learning_rate: learningRate } = sections.training;
  if (!isUnread) {
    checkTaskSettings(task, {
      network: builderName,
      training: sections.training,
      exportMetric: sections.export.metric,
      monitor: schedule.definition.create(schedule.parameters, { learningRate, stepsPerEpoch: 1, epochs: 1 }).monitor,
      evaluator: { name: evaluatorName, task: new evaluator(sections.evaluator).task },
    });
  }
  return {
    parameters,
    inputHeight,
    inputWidth,
    dataLoader: { name: loaderName, class: loader, parameters: sections.data_loader },
    augmentor: augmentor === null ? null : { name: augmentorName, class: augmentor, parameters: sections.augmentor },
    preprocessor: { name: parameters.preprocessor_class, class: preprocessor, parameters: sections.preprocessor },
    modelBuilder: { name: builderName, class: builder, parameters: sections.model_builder },
    evaluator: { name: evaluatorName, class: evaluator, parameters: sections.evaluator },
    training: sections.training,
    optimizer,
    schedule,
    export: sections.export,
    flattened: {
      ...withoutUnused(parameters, { data_loader: own.data_loader_class, model_builder: own.model_builder_class }),
      ...flatten(storageDirectory, {
        ...sections,
        training: {
          ...sections.training,
          optimizer_parameters: optimizer.parameters,
          schedule_parameters: schedule.parameters,
        },
      }),
    },
  };
}

/** The parameters, those with a short name as their settings say where these say anything. */
function withSettings(parameters: Parameters, texts: SectionTexts): Parameters {
  const changed = shortNames.flatMap(([name, section, key]) => {
    const text = texts[section]?.[key];
    return typeof text === 'string' ? [[name, shortValue(name, `${section}.${key}`, text)] as const] : [];
  });
  return { ...parameters, ...Object.fromEntries(changed) };
}

function shortValue(name: ParameterName, setting: string, text: string): ParameterValue {
  try {
    return parseValue(name, text);
  } catch (error) {
    throw new SettingError(setting, errorMessage(error), { cause: error });
  }
}

/** Where no convolutions choose another network, the setting that said so is none of that network's own. */
function chosenByConvolutions(texts: SectionTexts, { model_builder_class, convolutions }: Parameters): SectionTexts {
  if (model_builder_class !== '' || convolutions !== 0 || texts.model_builder === undefined) return texts;
  const { convolutions: _, ...settings } = texts.model_builder;
  return { ...texts, model_builder: settings };
}

/** Settings of a component that nobody chose would be lost without a word. */
function checkNone(section: SectionName, texts: SectionTexts, registry: Readonly<Record<string, unknown>>): void {
  const [key] = Object.keys(texts[section] ?? {});
  if (key === undefined) return;
  const setting = `${section}.${key}`;
  throw new SettingError(setting, `Setting ${setting} is given, but no ${section} is chosen.`, {
    hint: `Choose one by the parameter ${section}_class: there are ${Object.keys(registry).join(', ')}.`,
  });
}

/** The parameters, less the short names of settings that a class of one's own does not have: a record of them would lie. */
function withoutUnused(
  parameters: Parameters,
  own: Readonly<Partial<Record<SectionName, ComponentClass<unknown>>>>,
): Partial<Parameters> {
  const unused = shortNames
    .filter(([, section, key]) => own[section] !== undefined && !Object.hasOwn(own[section].parameters.shape, key))
    .map(([name]): string => name);
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !unused.includes(name)));
}

function sectionOf(
  section: SectionName,
  texts: SectionTexts,
  parameters: Parameters,
  chosen: Pick<ComponentClass<unknown>, 'parameters'>,
): GivenParameters {
  // What it takes is known where it is run.
  if (chosen === UnreadComponent) return {};
  const { parameters: schema } = chosen;
  const short = shortNames
    .filter(([, of, key]) => of === section && Object.hasOwn(schema.shape, key))
    .map(([name, , key]) => [key, String(parameters[name])] as const);
  const given: Record<string, SettingText> = { ...Object.fromEntries(short), ...texts[section] };
  return parseSection(section, given, schema);
}

/** What the training section names, and its parameters: a map within that section. */
function named<Definition extends { readonly parameters: z.ZodType<object> }>(
  key: 'optimizer' | 'schedule',
  texts: SectionTexts,
  registry: Readonly<Record<string, Definition>>,
  name: string,
): Named<Definition> {
  const definition = memberNamed(`training.${key}`, name, registry);
  const section = `training.${key}_parameters`;
  const given = texts.training?.[`${key}_parameters`] ?? {};
  if (!isMap(given)) {
    throw new SettingError(section, `Setting ${section} must hold lines of the form name: value.`);
  }
  const parameters = parseSection(section, given, definition.parameters);
  return { definition, parameters: parameters as GivenParameters };
}

/**
 * Settings by their full names, without those that have a short one; lists as text, and paths below the storage folder as
 * they are written for every engine.
 */
function flatten(
  storageDirectory: string | null,
  sections: Readonly<Record<string, object>>,
): Record<string, string | number | boolean> {
  const isShort = (section: string, path: readonly string[]): boolean =>
    shortNames.some(([, of, key]) => of === section && path.length === 1 && path[0] === key);
  const entries = Object.entries(sections).flatMap(([section, values]) =>
    [...leaves(values)]
      .filter(([path]) => !isShort(section, path))
      .map(([path, value]) => [[section, ...path].join('.'), asParameter(value, storageDirectory)] as const),
  );
  return Object.fromEntries(entries);
}

function asParameter(value: unknown, storageDirectory: string | null): string | number | boolean {
  if (typeof value === 'string') return asStoragePath(value, storageDirectory);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return Array.isArray(value) ? value.join(',') : String(value);
}
