type Nested = number | Nested[];

/**
 * `values` as nested arrays of the given shape, row-major, for JSON.
 * Nine significant digits say a float32 exactly; JavaScript would print it as the double it is held in.
 */
export function nestedArray(values: ArrayLike<number>, shape: readonly number[]): Nested {
  let offset = 0;
  const build = (dimension: number): Nested => {
    if (dimension === shape.length) return Number((values[offset++] as number).toPrecision(9));
    return Array.from({ length: shape[dimension] as number }, () => build(dimension + 1));
  };
  return build(0);
}
