import { open } from 'node:fs/promises';
import { SlipwayError } from '../../src/errors.ts';
import type { WeightVariable } from './layers-model.ts';

/** An entry of tfjs's weights manifest. */
export interface WeightSpecification {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
}

/**
 * Writes the weights as tfjs reads them, one after another: the memory needed is that of the largest.
 *
 * @returns tfjs's manifest entries, in the order of the bytes.
 */
export async function writeWeightsBinary(
  weights: readonly WeightVariable[],
  file: string,
): Promise<WeightSpecification[]> {
  const specifications: WeightSpecification[] = [];
  const names = new Set<string>();
  const binary = await open(file, 'wx');
  try {
    for (const weight of weights) {
      const { originalName: name, shape, dtype } = weight;
      if (names.has(name)) {
        throw new SlipwayError(`two weights of the model are named '${name}'; tfjs could not load it again`, {
          hint: 'give the layers different names',
        });
      }
      names.add(name);
      const values = await weight.read().data();
      await binary.writeFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      specifications.push({ name, shape, dtype });
    }
  } finally {
    await binary.close();
  }
  return specifications;
}
