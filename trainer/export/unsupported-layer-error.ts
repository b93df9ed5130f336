import { SlipwayError } from '../../src/errors.ts';

/** A layer, or a setting of a layer, that Keras 3 has no equal of, or that tfjs would not load again. */
export class UnsupportedLayerError extends SlipwayError {
  readonly layerName: string;

  constructor(layerName: string, reason: string) {
    super(`layer '${layerName}' cannot be exported: ${reason}`, {
      hint: 'use a layer or setting that Keras 3 computes in the same way; docs/models.md lists them',
    });
    this.layerName = layerName;
  }
}
