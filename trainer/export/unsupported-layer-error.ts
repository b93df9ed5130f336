import { SlipwayError } from '../../src/errors.ts';

/** A layer, or a setting of a layer, that a format cannot express, or that would not be loaded again as it is. */
export class UnsupportedLayerError extends SlipwayError {
  readonly layerName: string;

  /** `format` is named where the reason does not tell it. */
  constructor(layerName: string, reason: string, format?: string) {
    super(`layer '${layerName}' cannot be exported${format === undefined ? '' : ` as ${format}`}: ${reason}`, {
      hint:
        format === 'savedmodel'
          ? 'compute it with TensorFlow.js operations of the input alone, or leave savedmodel out of the formats'
          : 'use a layer or setting that docs/models.md lists, or the format savedmodel, which takes every layer',
    });
    this.layerName = layerName;
  }
}
