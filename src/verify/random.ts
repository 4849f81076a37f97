/** Seeded random numbers: the same seed gives the same numbers everywhere. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  /** Standard normal. */
  readonly normal: () => number;
  /** Uniform in 0..below-1. */
  readonly integer: (below: number) => number;
}

/** The generator for a seed; `stream` gives independent ones (a layer's name). xoshiro128** seeded by a string hash. */
export function randomFrom(seed: number, stream = ""): Random {
  let hash = seed | 0;
  const scramble = (): number => {
    // splitmix32
    hash = (hash + 0x9e3779b9) | 0;
    let z = hash;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) | 0;
  };
  for (const letter of stream) hash = scramble() ^ (letter.codePointAt(0) ?? 0);
  let [a, b, c, d] = [scramble(), scramble(), scramble(), scramble()];
  const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
  const bits = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result >>> 0;
  };
  const uniform = (): number => bits() / 2 ** 32;
  // Box and Muller; 1 - u keeps the logarithm away from 0
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal, integer: (below) => Math.floor(uniform() * below) };
}
