import { UsageError } from '../../src/errors.ts';

/** Where settings were given, by their full names: `config.yaml, line 2, column 3`; null for those of the command line. */
export type SettingPlaces = ReadonlyMap<string, string | null>;

/** A setting that is refused. */
export class SettingError extends UsageError {
  /** Its full name, `training.learning_rate`, or that of what is in it. */
  readonly setting: string;

  constructor(setting: string, message: string, options: ConstructorParameters<typeof UsageError>[1] = {}) {
    super(message, options);
    this.setting = setting;
  }
}

/** The error with the place in front. */
export function atPlace(error: UsageError, place: string): UsageError {
  return new UsageError(`${place}: ${error.message}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

/** What refused a setting, with the place in the file where it, or the nearest that it is in, was given. */
export function placed(error: unknown, places: SettingPlaces): unknown {
  if (!(error instanceof SettingError)) return error;
  const path = error.setting.split('.');
  for (let length = path.length; length > 0; length -= 1) {
    const place = places.get(path.slice(0, length).join('.'));
    if (place === null) return error;
    if (place !== undefined) return atPlace(error, place);
  }
  return error;
}
