/** Sizes at which plans between them choose every kernel of a GPU program. */
import { kernelsOfPass } from "../../../src/kernels/gpu/count.js";
import type { GpuProgram } from "../../../src/kernels/gpu/program.js";
import { legality, sampleSizes } from "../../../src/ranges/sample.js";
import { randomFrom } from "../../../src/verify/random.js";

export interface Case {
  readonly sizes: Readonly<Record<string, number>>;
  /** With the kernels that a GPU gets, or with those of an adapter in software. */
  readonly asOnGpu: boolean;
}
export interface Covering {
  readonly cases: readonly Case[];
  /** Kernels that none of them runs. */
  readonly left: readonly string[];
}

/** Points that the layer's loops may have together: hand-made loops and tiles both do so many in no time. */
const budget = 2e6;
/** On both sides of what the choices compare with, divisible by four and not. */
const values = [
  1, 3, 4, 5, 8, 12, 16, 17, 48, 50, 52, 64, 65, 128, 130, 256, 257, 272, 512, 514, 1024, 1025, 2048, 2050,
  4096, 8192, 16_384, 70_000,
];

/**
 * @param hints sizes to begin with, where drawing them would take long
 * @param known kernels that run elsewhere
 */
export function coveringSizes(
  program: GpuProgram,
  hints: readonly Case["sizes"][],
  known: ReadonlySet<string>,
  tries = 20_000,
): Covering {
  const { layer, kernels } = program;
  const random = randomFrom(1);
  const oneOf = <T>(items: readonly T[]): T | undefined => items[random.integer(items.length)];
  const isLegal = legality(layer, budget);
  const left = new Set(kernels.map((k) => k.name).filter((name) => !known.has(name)));
  const cases: Case[] = [];
  const consider = (sizes: Case["sizes"]): void => {
    for (const asOnGpu of [true, false]) {
      const run = { sizes, software: !asOnGpu };
      const chosen = ["forward", "backward"].flatMap((pass) => kernelsOfPass(program, { pass, ...run }));
      const found = chosen.filter((k) => left.delete(k.name));
      if (found.length > 0) cases.push({ sizes, asOnGpu });
    }
  };
  const small = (): Case["sizes"] => sampleSizes(layer, random.uniform, { budget: 3000 });
  const defaults = Object.fromEntries(layer.params.map((p) => [p.name, p.value]));
  let base = small();
  [...hints, base].forEach(consider);
  for (let i = 0; i < tries && left.size > 0; i++) {
    if (i % 20 === 0) base = small();
    const changed = Array.from({ length: 1 + random.integer(4) }, () => oneOf(layer.sizes) ?? "");
    const sizes = {
      ...base,
      ...Object.fromEntries(changed.filter(Boolean).map((name) => [name, oneOf(values) ?? 1])),
      ...(random.uniform() < 0.3 ? defaults : {}),
    };
    if (!isLegal(sizes)) continue;
    consider(sizes);
    if (random.uniform() < 0.3) base = sizes;
  }
  return { cases, left: [...left] };
}
