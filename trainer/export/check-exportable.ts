import { SlipwayError } from '../../src/errors.ts';
import type { LayersModel, TensorFlow } from '../tensorflow/library.ts';
import { loadTensorFlow } from '../tensorflow/library.ts';
import type { ExportFormat } from './format.ts';
import { defaultFormats, type ExportFormatName, exportFormats } from './formats/index.ts';

/** The formats that a model can be written in, the better ones first, and why others are left out. */
export interface FormatChoice {
  readonly formats: readonly ExportFormatName[];
  /** One sentence for each format that is left out. */
  readonly warnings: readonly string[];
}

/**
 * Which of the wanted formats hold this model.
 *
 * @throws UnsupportedLayerError (or a SlipwayError for a model of another form) where one that must be written cannot.
 */
export function chooseFormats(
  tf: TensorFlow,
  model: LayersModel,
  wanted: readonly ExportFormatName[] = defaultFormats,
): FormatChoice {
  checkEnds(model);
  const warnings: string[] = [];
  const formats = (Object.keys(exportFormats) as ExportFormatName[]).filter((name) => {
    if (!wanted.includes(name)) return false;
    const format: ExportFormat = exportFormats[name];
    try {
      format.check(tf, model);
      return true;
    } catch (error) {
      if (!(error instanceof SlipwayError) || format.isLeftOutIfUnsupported !== true) throw error;
      warnings.push(`The model is not written as ${name}: ${error.message}.`);
      return false;
    }
  });
  if (formats.length === 0) {
    throw new SlipwayError(`model '${model.name}' would be written in no format. ${warnings.join(' ')}`.trim(), {
      hint: `name one of the formats ${Object.keys(exportFormats).join(', ')} that can hold it`,
    });
  }
  return { formats, warnings };
}

/**
 * Throws where `exportModel` would: asked before a long training begins.
 *
 * @returns a sentence for each format that will be left out.
 */
export function checkExportable(model: LayersModel, formats?: readonly ExportFormatName[]): readonly string[] {
  return chooseFormats(loadTensorFlow(), model, formats).warnings;
}

function checkEnds(model: LayersModel): void {
  const shapes = [...model.inputs, ...model.outputs].map(({ shape }) => shape.slice(1));
  const isKnown = shapes.every((shape) => shape.length > 0 && shape.every((length) => length != null));
  if (model.inputs.length === 1 && model.outputs.length === 1 && isKnown) return;
  throw new SlipwayError(
    `only a model with one input and one output of known shapes can be exported; '${model.name}' has the input shapes ` +
      `${JSON.stringify(model.inputs.map((input) => input.shape))} and the output shapes ` +
      `${JSON.stringify(model.outputs.map((output) => output.shape))}`,
  );
}
