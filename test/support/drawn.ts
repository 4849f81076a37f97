/** A layer at drawn values: every target against the evaluator, and the gradients against finite differences. */
import { expect } from "vitest";
import { deriveText } from "../../src/pipeline.js";
import { cotangentName, isDifferentiated } from "../../src/notation/layer.js";
import { drawInputs } from "../../src/verify/draw.js";
import { finiteDifferences } from "../../src/verify/finite-differences.js";
import { drawCotangents } from "../../src/verify/loss.js";
import { randomFrom } from "../../src/verify/random.js";
import { everywhere, type At, type Found } from "./everywhere.js";

type Sizes = Readonly<Record<string, number>>;

/** Values for everything that is given, cotangents too: the same for the same seed. */
export function drawnAt(text: string, sizes: Sizes, seed = 1): At {
  const { layer } = deriveText(text, "sample.layer");
  const random = randomFrom(seed, "values");
  const { inputs } = drawInputs(layer, sizes, random);
  const cotangents = drawCotangents(layer, sizes, () => Math.fround(random.normal()));
  return { sizes, values: Object.fromEntries([...inputs, ...cotangents]) };
}

/** Holds every target, and the derived gradients themselves, to what the layer's formulas say. */
export async function expectRight(
  text: string,
  sizes: Sizes,
  seed = 1,
  on?: Parameters<typeof everywhere>[3],
): Promise<void> {
  const at = drawnAt(text, sizes, seed);
  const [reference, ...found] = await everywhere(text, at, "sample", on);
  expectDifferences(text, at, reference!);
  for (const { by, values } of found)
    for (const [name, expected] of Object.entries(reference!.values))
      expectClose(values[name] ?? [], expected, by.endsWith("f64") ? 1e-10 : 2e-4, `${by} ${name}`);
}

function expectDifferences(text: string, { sizes, values }: At, reference: Found): void {
  const { layer } = deriveText(text, "sample.layer");
  const given = new Map(Object.entries(values));
  const differentiate = finiteDifferences(layer, sizes, given, given);
  for (const { name } of layer.tensors.filter(isDifferentiated)) {
    const found = reference.values[cotangentName(name)] ?? [];
    // at a kink there is no difference to hold it to
    const expected = found.map((value, i) => differentiate(name, i)?.value ?? value);
    expectClose(found, expected, 1e-5, `derivative by ${name}`);
  }
}

/** Each element to within `tolerance` of the tensor's greatest. */
function expectClose(
  found: readonly number[],
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  expect(found.length, what).toBe(expected.length);
  const scale = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs));
  expected.forEach((value, i) => {
    const equal = Object.is(found[i], value) || Math.abs((found[i] ?? NaN) - value) <= tolerance * scale;
    expect(equal, `${what}[${i}]: ${found[i]}, not ${value}`).toBe(true);
  });
}
