/** A stream of pseudo-random numbers that depends on its key alone. */
export interface RandomSource {
  /** The next number, uniform in [0, 1). */
  next(): number;
  /** The next whole number, uniform in [0, below). */
  integer(below: number): number;
  /** The next number, uniform in [low, high). */
  between(low: number, high: number): number;
}

/** 32-bit finalizer of MurmurHash3 (Austin Appleby, public domain). */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 32 bits of a key: order and borders of its parts count. */
export function hashKey(key: readonly (number | string)[]): number {
  let hash = 0x9e3779b9;
  for (const part of key) {
    const text = String(part);
    for (let index = 0; index < text.length; index += 1) hash = mix(hash ^ text.charCodeAt(index)) + 0x9e3779b9;
    hash = mix(hash ^ 0x10000);
  }
  return hash >>> 0;
}

/**
 * The random source of a key, such as (seed, epoch, sample): equal keys give equal streams, whatever was drawn before.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand).
 */
export function randomSource(...key: (number | string)[]): RandomSource {
  const hash = hashKey(key);
  let a = hash;
  let b = mix(hash ^ 0x243f6a88);
  let c = mix(hash ^ 0x85a308d3);
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  // The first outputs still show the key's structure.
  for (let round = 0; round < 12; round += 1) next();
  return {
    next,
    integer: (below) => Math.floor(next() * below),
    between: (low, high) => low + (high - low) * next(),
  };
}

/** A shuffled copy (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: RandomSource): T[] {
  const copy = [...items];
  for (let index = copy.length - 1; index > 0; index -= 1) {
    const other = random.integer(index + 1);
    const item = copy[index] as T;
    copy[index] = copy[other] as T;
    copy[other] = item;
  }
  return copy;
}
