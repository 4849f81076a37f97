/** Gradients are told shortly: by the names that the layer has, without paths that vanish. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { deriveText } from "../../src/pipeline.js";
import { describe as describeDerivation } from "../../src/targets/document/derivation.js";

const texts = ["specs", "test/cases/cost"].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".layer"))
    .map((name) => ({ name, text: readFileSync(`${folder}/${name}`, "utf8") })),
);
const derivationOf = (text: string) => {
  const { layer, derived } = deriveText(text, "sample");
  return describeDerivation(layer, derived, { steps: "none" });
};

it.each(texts)("$name: no gradient is longer than three times the layer", ({ text }) => {
  const { forward, gradients, shared } = derivationOf(text);
  const whole = forward.reduce((length, { formula }) => length + formula.length, 0);
  const long = [...gradients, ...shared].filter(({ formula }) => formula.length > Math.max(200, 3 * whole));
  expect(long.map(({ formula }) => formula)).toEqual([]);
});

describe("a maximum that is subtracted before the exponential", () => {
  const body = "y[n,d] = sum[j](u[n,j]*v[n,j,d])/sum[j](u[n,j])";
  const head = "input s[N, J]\ninput v[N, J, D]\noutput y[N, D]\nm[n] = max[j](s[n,j])\n";
  it.each([
    ...["softpool", "flash_softmax", "sliding_window_band"].map((name) => ({
      name,
      text: texts.find((t) => t.name === `${name}.layer`)!.text,
    })),
    {
      name: "in one line",
      text: `${head}y[n,d] = sum[j](exp(s[n,j] - m[n])*v[n,j,d])/sum[j](exp(s[n,j] - m[n]))`,
    },
    { name: "weights with a name", text: `${head}u[n,j] = exp(s[n,j] - m[n])\n${body}` },
    {
      name: "weights and their sum with names",
      text: `${head}u[n,j] = exp(s[n,j] - m[n])\nz[n] = sum[j](u[n,j])\ny[n,d] = sum[j](u[n,j]*v[n,j,d])/z[n]`,
    },
    {
      name: "probabilities with a name",
      text: `${head}u[n,j] = exp(s[n,j] - m[n])\np[n,j] = u[n,j]/sum[k](u[n,k])\ny[n,d] = sum[j](p[n,j]*v[n,j,d])`,
    },
    {
      name: "the numerator with a name",
      text: `${head}u[n,j] = exp(s[n,j] - m[n])\nt[n,d] = sum[j](u[n,j]*v[n,j,d])\ny[n,d] = t[n,d]/sum[j](u[n,j])`,
    },
    {
      name: "a logarithm",
      text: "input s[N, J]\noutput y[N]\nm[n] = max[j](s[n,j])\ny[n] = m[n] + log(sum[j](exp(s[n,j] - m[n])))",
    },
  ])("$name: its path is 0 and is not told", ({ text }) => {
    const { forward, shared, gradients } = derivationOf(text);
    expect([...forward, ...shared, ...gradients].filter(({ formula }) => formula.includes("argmax"))).toEqual(
      [],
    );
  });
});
