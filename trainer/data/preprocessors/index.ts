import type { ComponentClass } from '../../components/component.ts';
import type { Preprocessor } from '../../components/preprocessor.ts';
import { StandardPreprocessor } from './standard.ts';

/** Every preprocessor by its name in a configuration. */
export const preprocessors: Readonly<Record<string, ComponentClass<Preprocessor<object>>>> = {
  standard: StandardPreprocessor,
};
