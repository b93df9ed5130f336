import type { ExportFormat } from '../format.ts';
import { h5 } from './h5.ts';
import { keras } from './keras.ts';
import { onnx } from './onnx.ts';
import { savedmodel } from './savedmodel.ts';
import { tfjs } from './tfjs.ts';

/**
 * All formats by the names that a configuration gives them. Where several could serve (`python_function`, the flavor
 * `tensorflow`), the one that stands first here does.
 */
export const exportFormats = {
  keras,
  h5,
  savedmodel,
  onnx,
  tfjs,
} as const satisfies Readonly<Record<string, ExportFormat>>;

export type ExportFormatName = keyof typeof exportFormats;

/** What a model is written in where nothing else is said. */
export const defaultFormats: readonly ExportFormatName[] = ['tfjs', 'keras', 'onnx'];
