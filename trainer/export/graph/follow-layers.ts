import type { LayersModel } from '../../tensorflow/library.ts';

type Layer = LayersModel['layers'][number];
type Call = Layer['call'];

/** Knows which layer of a model is computing just now, models in models included, until `end` is called. */
export function followLayers(model: LayersModel): { current(): string | null; end(): void } {
  const running: string[] = [];
  const followed = leaves(model);
  const before = followed.map((layer) => Object.getOwnPropertyDescriptor(layer, 'call'));
  for (const layer of followed) {
    const call: Call = layer.call;
    layer.call = function (this: Layer, ...values: Parameters<Call>) {
      running.push(layer.name);
      try {
        return call.apply(this, values);
      } finally {
        running.pop();
      }
    };
  }
  return {
    current: () => running[0] ?? null,
    end: () => {
      for (const [index, layer] of followed.entries()) {
        const own = before[index];
        if (own === undefined) delete (layer as Partial<Layer>).call;
        else Object.defineProperty(layer, 'call', own);
      }
    },
  };
}

function leaves(model: LayersModel): Layer[] {
  const all = model.layers.flatMap((layer) => {
    const isModel = Array.isArray((layer as Partial<LayersModel>).layers);
    return isModel ? leaves(layer as unknown as LayersModel) : [layer];
  });
  return [...new Set(all)];
}
