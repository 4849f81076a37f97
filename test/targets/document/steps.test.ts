/** Each step of a derivation says the same as the one before: its formula, parsed back, has the same values. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describe as describeLayer } from "../../../src/targets/document/derivation.js";
import { sampleSizes } from "../../../src/ranges/sample.js";
import { drawInputs } from "../../../src/verify/draw.js";
import { evaluateLayer } from "../../../src/verify/evaluate.js";
import { float64 } from "../../../src/verify/numbers.js";
import { randomFrom } from "../../../src/verify/random.js";
import { compile } from "../../support/layers.js";
import { told } from "./formulas.js";

const folder = new URL("../../../specs/", import.meta.url);
const specs = readdirSync(folder)
  .filter((file) => file.endsWith(".layer"))
  .map((file) => [file.replace(".layer", ""), readFileSync(new URL(file, folder), "utf8")] as const);

/** Pairs of neighbouring steps whose values differ, at a few sizes. */
function differences(
  text: string,
  name: string,
  trials: number,
  change?: (formula: string, tensor: string) => string,
): readonly string[] {
  const compiled = compile(text, name);
  const { layer, steps } = told(compiled, { steps: "all" }, change);
  const random = randomFrom(3, name);
  const found = new Set<string>();
  const drawn = Array.from({ length: trials }, () =>
    sampleSizes(compiled.layer, random.uniform, { budget: 600 }),
  );
  for (const sizes of [...drawn, ...compiled.layer.checks.map((c) => c.values)]) {
    const { inputs } = drawInputs(layer, sizes, random);
    const values = evaluateLayer(layer, sizes, inputs, float64);
    for (const own of steps.values())
      for (const [at, { rule, tensor }] of own.entries()) {
        const before = own[at - 1];
        if (!before) continue;
        const [a, b] = [before.tensor, tensor].map((t) => Array.from(values.get(t) ?? [], Number));
        const scale = Math.max(1e-3, ...(a ?? []).map(Math.abs));
        const same =
          a?.length === b?.length && a?.every((v, i) => Math.abs(v - (b?.[i] ?? NaN)) <= 1e-9 * scale);
        if (!same) found.add(`${tensor}, ${before.rule} → ${rule}, ${JSON.stringify(sizes)}`);
      }
  }
  return [...found];
}

describe("each step has the values of the one before", () => {
  it.each(specs)("%s", (name, text) => {
    expect(differences(text, name, 6)).toEqual([]);
  });

  it.each([
    ["conv1d", "step_dx_0", "== l + pad", "== l"],
    ["conv1d", "step_dx_4", "/stride)", "/stride) + 1"],
    ["linear", "step_dw_2", "x[n, c]", "x[n, 0]"],
    ["batch_norm1d", "step_dmu_1", "w[c'] * rstd[c']", "w[c']"],
    ["softmax", "step_dx_1", "sum_dtotal[n']", "0"],
  ])("and a mistake in %s, %s is found", (name, step, right, wrong) => {
    const [, text = ""] = specs.find(([known]) => known === name) ?? [];
    let planted = false;
    const change = (formula: string, tensor: string): string => {
      if (tensor !== step) return formula;
      planted = formula.includes(right);
      return formula.replace(right, wrong);
    };
    const found = differences(text, name, 3, change);
    expect(planted).toBe(true);
    expect(found).not.toEqual([]);
  });
});

/** The rules of a gradient's steps. */
const rulesOf = (name: string, tensor: string): readonly string[] => {
  const [, text = ""] = specs.find(([known]) => known === name) ?? [];
  const { layer, derived } = compile(text, name);
  const { intermediates, gradients } = describeLayer(layer, derived);
  const found = [...intermediates, ...gradients].find((g) => g.tensor === tensor);
  return found?.steps.map(({ rule }) => rule) ?? [];
};

describe("the steps that a paper would write", () => {
  it.each([
    ["linear", "dw", ["chain rule", "solve the indicator", "matrix form"]],
    [
      "conv2d",
      "dx",
      [
        "chain rule",
        "solve the indicator",
        "bounds of the reads",
        "insert zeros",
        "rotate the kernel",
        "split into phases",
      ],
    ],
    [
      "conv2d",
      "dw",
      [
        "chain rule",
        "solve the indicator",
        "bounds of the reads",
        "insert zeros",
        "exchange batch and channel",
      ],
    ],
    ["conv2d_unit", "dx", ["chain rule", "solve the indicator", "bounds of the reads", "rotate the kernel"]],
    ["max_pool2d", "dx", ["chain rule", "solve the indicator", "bounds of the reads"]],
    [
      "softmax",
      "dm",
      [
        "chain rule",
        "put in the derivatives of intermediates",
        "solve the indicator",
        "write out definitions",
        "split sums",
        "terms that vanish",
      ],
    ],
  ])("%s, %s", (name, tensor, expected) => {
    expect(rulesOf(name, tensor)).toEqual(expected);
  });
});

describe("notes beside a step", () => {
  const notesOf = (text: string, tensor: string): readonly string[] => {
    const { layer, derived } = compile(text);
    const told = describeLayer(layer, derived, { steps: "main" });
    const gradients = [...told.intermediates, ...told.gradients].filter((g) => g.tensor === tensor);
    return gradients.flatMap(({ steps }) => steps.flatMap(({ notes = [] }) => notes));
  };
  const text = (name: string): string => specs.find(([spec]) => spec === name)?.[1] ?? "";

  it("say why terms vanish", () => {
    expect(notesOf(text("layer_norm"), "dmu")).toEqual([
      "since mu[n] = sum[d](x[n, d]) / D; so sum[d](x[n, d] - mu[n]) = 0",
    ]);
  });
  it("say which taps of a phase are live", () => {
    expect(notesOf(text("conv2d"), "dx")).toEqual([
      "live taps: none unless γ = gcd(dilation, stride) divides h + pad; else r = r0 + t*stride/γ for " +
        "0 <= t < ceil((R - r0)*γ/stride), r0 the least with mod(r0*dilation, stride) == mod(h + pad, stride)",
      "likewise s for w",
    ]);
    const strided = "input x[H]\nweight w[R]\noutput z[P]\nP = floor((H - 4*(R - 1) - 1)/6) + 1\n";
    expect(notesOf(`${strided}z[p] = sum[r](x[6*p + 4*r]*w[r])`, "dx")).toEqual([
      "live taps: none unless 2 divides h; else r = mod(2*(h/2), 3) + 3*t for 0 <= t < ceil((R - mod(2*(h/2), 3))/3)",
    ]);
  });
});
