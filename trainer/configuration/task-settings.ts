import type { TaskName } from '../components/task.ts';
import { tasks } from '../evaluation/tasks/index.ts';
import type { Task } from '../evaluation/tasks/task.ts';
import { epochMetricNamesOf } from '../training/history.ts';
import type { SectionName, SectionTexts } from './sections.ts';
import { SettingError } from './setting-error.ts';
import type { TrainingSection } from './training-section.ts';

/** The task of a network. Throws SettingError where a class of one's own says one that there is not. */
export function taskOf({ task }: { readonly task: TaskName }, network: string): Task {
  if (Object.hasOwn(tasks, task)) return tasks[task];
  throw new SettingError(
    'model_builder_class',
    `The network ${network} is for the task ${JSON.stringify(task)}: expected one of ${Object.keys(tasks).join(', ')}.`,
  );
}

/** The settings with those of the task in the place of defaults that do not fit it, as far as the component has them. */
export function withTaskDefaults(
  texts: SectionTexts,
  { defaults }: Task,
  section: SectionName,
  { shape }: { readonly shape: object },
): SectionTexts {
  const known = Object.entries(defaults[section] ?? {}).filter(([key]) => Object.hasOwn(shape, key));
  return { ...texts, [section]: { ...Object.fromEntries(known), ...texts[section] } };
}

/** Settings that say something of the task. */
interface TaskSettings {
  readonly network: string;
  readonly training: TrainingSection;
  readonly exportMetric: string;
  /** What the schedule watches; undefined where it watches nothing. */
  readonly monitor: string | undefined;
  readonly evaluator: { readonly name: string; readonly task: TaskName | null };
}

/** Throws SettingError for a setting that says nothing to a network of this task. */
export function checkTaskSettings(task: Task, settings: TaskSettings): void {
  const { network, training, exportMetric, monitor, evaluator } = settings;
  checkMetric(task, network, 'export.metric', exportMetric);
  if (monitor !== undefined) checkMetric(task, network, 'training.schedule_parameters', monitor);
  if (!task.learnsLabels) {
    checkUnused(network, 'training.label_smoothing', training.label_smoothing, 0);
    checkUnused(network, 'training.class_weights', training.class_weights, 'none');
  }
  if (evaluator.task !== null && evaluator.task !== task.name) {
    throw new SettingError(
      'evaluator_class',
      `Parameter evaluator_class is '${evaluator.name}', which is about a ${evaluator.task}, but ${network} is for a ${task.name}.`,
      { hint: `Leave it empty for ${task.evaluator}.` },
    );
  }
}

function checkMetric(task: Task, network: string, setting: string, metric: string): void {
  const names = epochMetricNamesOf(task);
  if (names.includes(metric)) return;
  const shown = setting === 'export.metric' ? `is '${metric}'` : `watch '${metric}'`;
  const kind = setting === 'export.metric' ? 'Setting' : 'The settings';
  throw new SettingError(setting, `${kind} ${setting} ${shown}, which is not measured of the network ${network}.`, {
    hint: `There are ${names.join(', ')}.`,
  });
}

function checkUnused(network: string, setting: string, value: string | number, unused: string | number): void {
  if (value === unused) return;
  throw new SettingError(setting, `Setting ${setting} is ${value}, but the network ${network} learns from no labels.`);
}
