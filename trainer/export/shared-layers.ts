import type { LayerView } from './layers-model.ts';
import type { TopologyEntry } from './topology.ts';
import { UnsupportedLayerError } from './unsupported-layer-error.ts';

/**
 * Throws an UnsupportedLayerError for a layer that is used several times in an order that tfjs does not keep when it
 * loads a model: it makes a layer's uses in the order in which their inputs happen to be ready
 * (`Container.fromConfig` in tfjs-layers 4.22), and would then take one use for another without a word.
 */
export function checkSharedLayers(model: LayerView, topology: TopologyEntry): void {
  const entries = topology.config.layers as readonly (TopologyEntry & { readonly name: string })[];
  const inner = new Map((model.layers ?? []).map((layer) => [layer.name, layer]));
  const usesMade = new Map<string, number>();
  let waiting = entries.flatMap(({ name, class_name: className, config, inbound_nodes: nodes }) => {
    const layer = inner.get(name);
    const isContainer = Array.isArray(config.layers);
    if (isContainer && layer !== undefined) checkSharedLayers(layer, { class_name: className, config });
    usesMade.set(name, isContainer || (nodes ?? []).length === 0 ? 1 : 0);
    return (nodes ?? []).map((node, index) => ({ name, node, position: index + (isContainer ? 1 : 0) }));
  });
  while (waiting.length > 0) {
    const still: typeof waiting = [];
    for (const use of waiting) {
      if (use.node.some(([name, index]) => (usesMade.get(name) ?? 0) <= index)) {
        still.push(use);
      } else if (usesMade.get(use.name) !== use.position) {
        throw new UnsupportedLayerError(
          use.name,
          'it is used several times, and tfjs would mix up its uses when it loads the model',
        );
      } else {
        usesMade.set(use.name, use.position + 1);
      }
    }
    if (still.length === waiting.length) return;
    waiting = still;
  }
}
