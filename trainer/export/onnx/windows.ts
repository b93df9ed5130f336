import type { OnnxAttributes } from './graph.ts';

/** A convolution or pooling as tfjs describes it. */
export interface Window {
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly dilationRate?: readonly number[];
  readonly padding: 'valid' | 'same';
}

/** What ONNX's convolutions and poolings are told, for an input of this height and width. */
export function windowAttributes(window: Window, inputSize: readonly number[]): OnnxAttributes {
  const { kernelSize, strides, padding } = window;
  const dilations = window.dilationRate ?? [1, 1];
  const totals = inputSize.map((length, axis) => {
    if (padding === 'valid') return 0;
    const stride = strides[axis] as number;
    const reach = ((kernelSize[axis] as number) - 1) * (dilations[axis] as number) + 1;
    return Math.max((Math.ceil(length / stride) - 1) * stride + reach - length, 0);
  });
  const isDilated = dilations.some((rate) => rate !== 1);
  return { kernel_shape: kernelSize, strides, pads: padsOf(totals), ...(isDilated ? { dilations } : {}) };
}

/** The same of a transposed convolution between two sizes. */
export function transposedWindowAttributes(
  { kernelSize, strides }: Window,
  inputSize: readonly number[],
  outputSize: readonly number[],
): OnnxAttributes {
  const totals = inputSize.map(
    (length, axis) =>
      (length - 1) * (strides[axis] as number) + (kernelSize[axis] as number) - (outputSize[axis] as number),
  );
  return {
    kernel_shape: kernelSize,
    strides,
    pads: padsOf(totals.map((total) => Math.max(total, 0))),
    output_padding: totals.map((total) => Math.max(-total, 0)),
  };
}

/** TensorFlow puts the odd row and column at the end. */
function padsOf(totals: readonly number[]): number[] {
  return [...totals.map((total) => Math.floor(total / 2)), ...totals.map((total) => Math.ceil(total / 2))];
}
