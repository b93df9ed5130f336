import { type LayerConversion, layerConversions, trainingOnlyLayers } from './keras-layers.ts';
import type { LayerView } from './layers-model.ts';
import { UnsupportedLayerError } from './unsupported-layer-error.ts';

/** What a layer is to the export: a model in the model, a wrapper of a layer, or a plain layer of the table. */
export type LayerClass =
  | {
      readonly kind: 'functional' | 'sequential' | 'input' | 'bidirectional' | 'time-distributed';
      readonly name: string;
    }
  | { readonly kind: 'plain'; readonly name: string; readonly conversion: LayerConversion };

const containers: Readonly<Record<string, LayerClass>> = {
  Model: { kind: 'functional', name: 'Functional' },
  Functional: { kind: 'functional', name: 'Functional' },
  Sequential: { kind: 'sequential', name: 'Sequential' },
  InputLayer: { kind: 'input', name: 'InputLayer' },
  Bidirectional: { kind: 'bidirectional', name: 'Bidirectional' },
  TimeDistributed: { kind: 'time-distributed', name: 'TimeDistributed' },
};

/**
 * The class a layer is exported as. A subclass of a layer that works in training only (a dropout with a random source
 * of its own) is exported as that layer; any other unknown class is an UnsupportedLayerError.
 */
export function layerClass(layer: LayerView): LayerClass {
  const tfjsName = standardClassName(layer);
  const container = containers[tfjsName];
  if (container !== undefined) return container;
  const conversion = layerConversions[tfjsName];
  if (conversion === undefined) {
    throw new UnsupportedLayerError(layer.name, `the class ${layer.getClassName()} has no equal in Keras`);
  }
  return { kind: 'plain', name: conversion.className ?? tfjsName, conversion };
}

/** The layer's class name among tfjs's own, looking at the classes it extends where its own is not one of them. */
export function standardClassName(layer: LayerView): string {
  const own = layer.getClassName();
  if (own in containers || own in layerConversions) return own;
  for (let base = Object.getPrototypeOf(layer.constructor); base !== null; base = Object.getPrototypeOf(base)) {
    const name = (base as { className?: unknown }).className;
    if (typeof name === 'string' && trainingOnlyLayers.includes(name)) return name;
  }
  return own;
}
