import type { RunLogAppender } from '../src/runlog/index.ts';
import type { TrainerEnvironment } from './config.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { Parameters } from './parameters.ts';
import type { RunFolder } from './run-folder.ts';

/** Everything one training works with. */
export interface TrainingRun {
  readonly configuration: Configuration;
  /** Those of the configuration. */
  readonly parameters: Parameters;
  readonly environment: TrainerEnvironment;
  readonly folder: RunFolder;
  readonly log: RunLogAppender;
  readonly signal: AbortSignal;
  /** Writes a line for people. */
  readonly line: (text: string) => void;
  /** Writes a line that must not be overlooked, on standard error. */
  readonly warn: (text: string) => void;
  /** Writes a line that repeats what the run log says: nothing where a launcher follows that and shows it. */
  readonly echo: (text: string) => void;
}
