/** Gradients are finite wherever the chain rule, taken term by term, is: at gates and scales that are 0, at 0^p and 0^0. */
import { describe, expect, test } from "vitest";
import { verify } from "../../src/verdicts.js";
import { caseText, everywhere, type At } from "../support/everywhere.js";
import { compile } from "../support/layers.js";

/** float32 rounds; infinities and NaN are told apart. */
const near = (got: number | undefined, right: number): boolean =>
  Number.isFinite(right)
    ? Math.abs((got ?? NaN) - right) <= 2e-5 * (1 + Math.abs(right))
    : Object.is(got, right);

async function expectEverywhere(
  text: string,
  at: At,
  right: Readonly<Record<string, readonly number[]>>,
): Promise<void> {
  for (const { by, values } of await everywhere(text, at))
    for (const [name, numbers] of Object.entries(right)) {
      const got = values[name] ?? [];
      expect({ by, name, got, isRight: numbers.every((n, i) => near(got[i], n)) }).toMatchObject({
        by,
        name,
        isRight: true,
      });
      expect(got).toHaveLength(numbers.length);
    }
}

test("layer_scale: a scale that is 0", async () => {
  const values = { x: [1, 2, 3, 4, 5, 6, 7, 8], s: [0, 2], dy: [1, 2, 3, 4] };
  await expectEverywhere(
    caseText("layer_scale"),
    { sizes: { N: 2, H: 2, D: 2 }, values },
    // Σ_h x is [4, 6] and [12, 14]
    { y: [0, 12, 0, 28], ds: [1 * 4 + 3 * 12, 2 * 6 + 4 * 14], dx: [0, 4, 0, 4, 0, 8, 0, 8] },
  );
});

test("gate_in_exp: a gate that is 0, under exp", async () => {
  const values = { x: [1, 2, 0.5, -1], g: [0, 1], dy: [3, 2] };
  const q = Math.exp(1.25);
  await expectEverywhere(
    caseText("gate_in_exp"),
    { sizes: { N: 2, D: 2 }, values },
    { y: [1, q], dg: [15, 2 * q * 1.25], dx: [0, 0, 2 * q, -4 * q] },
  );
});

test("learned_power: elements that are 0, and all of them", async () => {
  const values = { x: [0, 2, 3], p: [2], dy: [1] };
  const mean = 13 / 3;
  const dp =
    (mean ** -0.5 / 2) * ((4 * Math.log(2) + 9 * Math.log(3)) / 3) - (Math.sqrt(mean) * Math.log(mean)) / 4;
  expect(dp).toBeCloseTo(0.2505, 4);
  await expectEverywhere(
    caseText("learned_power"),
    { sizes: { N: 1, L: 3 }, values },
    { y: [Math.sqrt(mean)], dp: [dp], dx: [0, 2 / 3 / Math.sqrt(mean), 1 / Math.sqrt(mean)] },
  );
  await expectEverywhere(
    caseText("learned_power"),
    { sizes: { N: 1, L: 3 }, values: { ...values, x: [0, 0, 0] } },
    { y: [0], dp: [0] },
  );
});

test("power: 0^2, 0^0, 2^0 and (-2)^3", async () => {
  const values = { a: [0, 0, 2, -2], p: [2, 0, 0, 3], dy: [1, 1, 1, 1] };
  await expectEverywhere(
    caseText("power"),
    { sizes: { N: 4 }, values },
    // 0^p is 1 at p = 0 and 0 beside it: no derivative there; (-2)^p has none either
    { y: [0, 1, 1, -8], da: [0, 0, 0, 12], dp: [0, -Infinity, Math.log(2), NaN] },
  );
});

test("powmul: a base that is 0, and an exponent", async () => {
  // the base is 1 - x·(t + 1)
  const values = { x: [0.5, 2, -1], t: [1, 0, 3], dy: [3, 2, 1] };
  const at = (g: number): At => ({ sizes: { N: 3, g }, values });
  await expectEverywhere(caseText("powmul"), at(2), { y: [0, 1, 25], dx: [0, 4, -40] });
  await expectEverywhere(caseText("powmul"), at(0), { y: [1, 1, 1], dx: [0, 0, 0] });
  await expectEverywhere(caseText("powmul"), at(1), { y: [0, -1, 5], dx: [-6, -2, -4] });
});

test("sigmoid_focal: certain of what is so, and gamma of 0", async () => {
  const values = { x: [200, -200, 0, 1], t: [1, 0, 1, 0], dloss: [2] };
  const at = (gamma: number): At => ({ sizes: { N: 2, C: 2, gamma }, values });
  const [half, p] = [0.5, 1 / (1 + Math.exp(-1))];
  const softplus = Math.log(1 + Math.E);
  // t = 1: α(1 - p)^γ·(-ln p), t = 0: (1 - α)p^γ·(-ln(1 - p))
  const slope = (gamma: number): readonly number[] => [
    0,
    0,
    2 * 0.25 * (-gamma * half ** (gamma + 1) * Math.log(2) - half ** gamma * half),
    2 * 0.75 * (gamma * p ** gamma * (1 - p) * softplus + p ** gamma * p),
  ];
  await expectEverywhere(caseText("sigmoid_focal"), at(2), { dx: slope(2) });
  await expectEverywhere(caseText("sigmoid_focal"), at(0), { dx: slope(0) });
});

test("a root of a sum over no points: what could leave the sum has no derivative there", async () => {
  const w = "input x[N]\nweight w\noutput y[N]\ny[i] = sqrt(sum[j < i](w*x[j]^2))\n";
  const values = { x: [1, 2, 3], w: [2], dy: [1, 1, 1] };
  const roots = [0, Math.sqrt(2), Math.sqrt(10)];
  await expectEverywhere(
    w,
    { sizes: { N: 3 }, values },
    { y: roots, dw: [1 / (2 * roots[1]!) + 5 / (2 * roots[2]!)] },
  );
  const own = "input x[N]\noutput y[N]\ny[i] = sqrt(sum[j < i]((x[i]*x[j])^2))\n";
  const five = Math.sqrt(5);
  await expectEverywhere(
    own,
    { sizes: { N: 3 }, values: { x: [1, 2, 3], dy: [1, 1, 1] } },
    { y: [0, 2, 3 * five], dx: [2 + 3 / five, 1 + 6 / five, five] },
  );
});

/** The verdicts on the claims of a case's layer. */
async function claimsOf(text: string) {
  const { claims } = await verify(
    compile(text),
    { file: "sample.layer", text },
    { trials: 6, seed: 1, targets: [] },
  );
  return claims;
}

test("claims that divide by what may be 0 are refuted there, and those that do not are proved", async () => {
  const scale = await claimsOf(
    `${caseText("layer_scale")}claim ds[d] = sum[n](dy[n,d]*y[n,d])/s[d]\nclaim dx[n,h,d] = dy[n,d]*s[d]\n`,
  );
  expect(scale.map(({ verdict }) => verdict)).toEqual(["refuted", "proved"]);
  const { claimed, derived } = scale[0]!.counterexample as { claimed: number; derived: number };
  expect([Number.isFinite(claimed), Number.isFinite(derived)]).toEqual([false, true]);
  const gate = await claimsOf(`${caseText("gate_in_exp")}claim dg[n] = dy[n]*y[n]*q[n]/g[n]\n`);
  expect(gate.map(({ verdict }) => verdict)).toEqual(["refuted"]);
  const right = await claimsOf(`${caseText("gate_in_exp")}claim dg[n] = dy[n]*y[n]*sum[d](x[n,d]^2)\n`);
  expect(right.map(({ verdict }) => verdict)).toEqual(["proved"]);
});

test("a claim is judged as it is written: what it divides by does not cancel before", async () => {
  const layer = `input x[N, D]\nweight s[D]\noutput y\ny[n,d] = x[n,d]*s[d]\n`;
  const verdictsOf = async (...claims: readonly string[]) =>
    (await claimsOf(layer + claims.map((claim) => `claim ${claim}\n`).join(""))).map(
      ({ verdict }) => verdict,
    );
  expect(
    await verdictsOf("dx[n,d] = dy[n,d]*s[d]*s[d]/s[d]", "ds[d] = sum[n](dy[n,d]*x[n,d]*s[d]/s[d])"),
  ).toEqual(["refuted", "refuted"]);
  expect(
    await verdictsOf("dx[n,d] = dy[n,d]*s[d]^3*s[d]^-2", "ds[d] = sum[n](x[n,d]*dy[n,d]*x[n,d]/x[n,d])"),
  ).toEqual(["refuted", "refuted"]);
  // what it divides by is never 0
  expect(
    await verdictsOf(
      "dx[n,d] = dy[n,d]*s[d]*(1 + s[d]^2)/(1 + s[d]^2)",
      "ds[d] = sum[n](dy[n,d]*x[n,d]*exp(s[d])/exp(s[d]))",
    ),
  ).toEqual(["proved", "proved"]);
});

test("check warns of a norm at the origin", async () => {
  const text = "input x[N, D]\noutput y[N]\ny[n] = sqrt(sum[d](x[n,d]^2))\n";
  const rowsOf = async (layer: string) =>
    (await verify(compile(layer), { file: "sample.layer", text: layer }, { trials: 2, seed: 1, targets: [] }))
      .rows;
  expect((await rowsOf(text)).map(({ tensor, warning }) => [tensor, warning])).toEqual([
    ["y", null],
    ["dx", "not finite where all tensors are 0: singular where sum[d](x[n, d]^2) == 0"],
  ]);
  expect((await rowsOf(text.replace("^2)", "^2) + 1e-6"))).map(({ warning }) => warning)).toEqual([
    null,
    null,
  ]);
});

describe("a norm whose derivative a branch makes 0 at the origin", () => {
  const norm = "input x[N, D]\noutput u[N, D]\ny[n] = sqrt(sum[d](x[n,d]^2))\n";
  test.each([
    ["clipped from below", "u[n,d] = x[n,d]/max(y[n], 0.1)", 10],
    ["clipped from above", "u[n,d] = x[n,d]*min(1, 2/y[n])", 1],
    ["a branch of its own", "u[n,d] = where(y[n] > 0.1, x[n,d]/y[n], x[n,d]/0.1)", 10],
    ["beside something else", "u[n,d] = x[n,d] + relu(y[n] - 1)", 1],
  ])("%s", async (_, line, slope) => {
    const at = { sizes: { N: 1, D: 2 }, values: { x: [0, 0], du: [1, 3] } };
    await expectEverywhere(`${norm}${line}\n`, at, { dx: [slope, 3 * slope] });
  });

  test.each([
    ["max(y[n], 0.1)", false],
    ["relu(y[n] - 1)", false],
    ["max(y[n], -1)", true],
    ["y[n] + 1", true],
  ])("is told where it is infinite, and only there: %s", (body, isTold) => {
    const text = `input x[N, D]\noutput u[N]\ny[n] = sqrt(sum[d](x[n,d]^2))\nu[n] = ${body}\n`;
    expect(compile(text).programs[0]!.derived.singular.has("x")).toBe(isTold);
  });
});
