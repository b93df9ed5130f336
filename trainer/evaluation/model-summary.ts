import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '../tensorflow/library.ts';

/** A row of the summary. */
export interface LayerSummary {
  readonly name: string;
  readonly className: string;
  /** Batch size and free lengths are null; several shapes where the layer has several outputs or uses. */
  readonly outputShape: readonly (number | null)[] | readonly (readonly (number | null)[])[];
  readonly parameters: number;
  readonly isTrainable: boolean;
  /** Names of the layers before it. */
  readonly inputs: readonly string[];
}

export interface ModelSummary {
  readonly name: string;
  readonly layers: readonly LayerSummary[];
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly weightBytes: number;
}

type Layer = LayersModel['layers'][number];
type Shape = readonly (number | null)[];

/**
 * Writes `model-summary.txt`, a table of the layers, and `model-summary.json`, the same as data.
 *
 * @returns the files' paths.
 */
export async function writeModelSummary(options: {
  readonly directory: string;
  readonly model: LayersModel;
}): Promise<string[]> {
  const summary = summarizeModel(options.model);
  const text = join(options.directory, 'model-summary.txt');
  const json = join(options.directory, 'model-summary.json');
  await writeFile(text, summaryText(summary));
  await writeFile(json, `${JSON.stringify(summary, null, 2)}\n`);
  return [text, json];
}

export function summarizeModel(model: LayersModel): ModelSummary {
  const count = (weights: Layer['weights']) => weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const parameters = count(model.weights);
  return {
    name: model.name,
    layers: model.layers.map((layer) => ({
      name: layer.name,
      className: layer.getClassName(),
      outputShape: outputShape(nodesIn(model, layer)),
      parameters: count(layer.weights),
      isTrainable: layer.trainable,
      inputs: [...new Set(nodesIn(model, layer).flatMap(({ inboundLayers }) => inboundLayers.map(({ name }) => name)))],
    })),
    parameters,
    trainableParameters: count(model.trainableWeights),
    weightBytes: 4 * parameters,
  };
}

/** The uses of a layer in this network: it may stand in others, too. The first layer of a Sequential follows none of its own. */
function nodesIn(model: LayersModel, layer: Layer): Layer['inboundNodes'] {
  const inside = layer.inboundNodes.filter(({ inboundLayers }) =>
    inboundLayers.every((before) => model.layers.includes(before)),
  );
  return inside.length === 0 ? layer.inboundNodes : inside;
}

/** tfjs's own `outputShape` throws for a layer that is used several times with different shapes. */
function outputShape(nodes: Layer['inboundNodes']): LayerSummary['outputShape'] {
  const uses = nodes.flatMap(({ outputShapes }) =>
    Array.isArray(outputShapes[0]) ? (outputShapes as Shape[]) : [outputShapes as Shape],
  );
  const distinct = [...new Map(uses.map((shape) => [JSON.stringify(shape), shape])).values()];
  return distinct.length === 1 ? (distinct[0] as Shape) : distinct;
}

export function summaryText(summary: ModelSummary): string {
  // In a plain chain every layer follows the one above it; only a graph needs to say so.
  const isChain = summary.layers.every(
    ({ inputs }, index) =>
      inputs.length === 0 || (inputs.length === 1 && isBefore(summary, inputs[0] as string, index)),
  );
  const header = ['Layer (type)', 'Output shape', 'Parameters', ...(isChain ? [] : ['Connected to'])];
  const rows = summary.layers.map((layer) => [
    `${layer.name} (${layer.className})${layer.isTrainable ? '' : ' [frozen]'}`,
    shapeText(layer.outputShape),
    number(layer.parameters),
    ...(isChain ? [] : [layer.inputs.join(', ')]),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1)));
  return [
    `Model: ${summary.name}`,
    rule,
    line(header),
    rule,
    ...rows.map(line),
    rule,
    `Total parameters:         ${number(summary.parameters)} (${bytesText(summary.weightBytes)})`,
    `Trainable parameters:     ${number(summary.trainableParameters)}`,
    `Non-trainable parameters: ${number(summary.parameters - summary.trainableParameters)}`,
    '',
  ].join('\n');
}

function isBefore(summary: ModelSummary, name: string, index: number): boolean {
  const before = summary.layers[index - 1];
  // A Sequential's first layer follows an input that is not among its layers.
  return before === undefined || before.name === name;
}

function sizeOf(shape: Shape): number {
  return shape.reduce<number>((product, length) => product * (length ?? 1), 1);
}

function shapeText(shape: LayerSummary['outputShape']): string {
  if (shape.some((part) => Array.isArray(part))) return (shape as readonly Shape[]).map(shapeText).join(', ');
  return `(${(shape as Shape).map((length) => length ?? 'batch').join(', ')})`.replaceAll(', batch', ', any');
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}
