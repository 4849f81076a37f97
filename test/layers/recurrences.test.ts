/** Recurrences: what is one, in which order it is walked, and what its adjoint is. */
import { describe, expect, it } from "vitest";
import { LayerError, type Problem } from "../../src/language/problem.js";
import { printLayer } from "../../src/language/print.js";
import { compileText } from "../../src/pipeline.js";
import { verify } from "../../src/verdicts.js";
import { compile } from "../support/layers.js";
import { randomRecurrence } from "../support/random-recurrences.js";

const text = (body: string): string => `input x[T, D]\ninput w[T]\noutput h[T, D]\n${body}`;

function problemsOf(source: string): readonly Problem[] {
  try {
    compileText(source, "sample.layer");
    return [];
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    return error.problems;
  }
}

describe("a recurrence without an order is told with the read", () => {
  it.each([
    ["no-order", "h[t,d] = x[t,d] + where(2*t < T, h[2*t,d], 0)", "h[2*t, d]"],
    ["no-order", "h[t,d] = x[t,d] + pad(h[t-1,d], 0) + pad(h[t+1,d], 0)", "h[t - 1, d]"],
    ["no-order", "h[t,d] = x[t,d] + sum[s](h[s,d]*w[s])", "h[s, d]"],
    ["reads-itself", "h[t,d] = x[t,d] + h[t,d]", "h is defined by itself"],
    [
      "read-before-definition",
      "local g[T, D]\nh[t,d] = x[t,d] + g[t,d]\ng[t,d] = x[t,d]",
      "g is read before",
    ],
    ["read-before-definition", "h[t,d] = x[t,d] + pad(g[t-1,d], 0)\ng[t,d] = h[t,d]", "g is read before"],
    [
      "call-in-recurrence",
      "use softmax\nlocal g[T, D]\ng[t,d] = x[t,d] + pad(h[t-1,d], 0)\nh = softmax(g)",
      "a call takes no part",
    ],
  ])("%s: %s", (code, body, says) => {
    const problems = problemsOf(text(body));
    expect(problems.map((p) => p.code)).toEqual([code]);
    expect(problems[0]?.message).toContain(says);
  });
});

/** Along any axis, either way, in two dimensions, of several statements, in sums and branches. */
describe("random recurrences", () => {
  it.each([6, 9, 12, 22, 23, 29])("seed %i", async (seed) => {
    const source = randomRecurrence(seed);
    const compiled = compile(source);
    const { rows } = await verify(compiled, { file: "sample.layer", text: source }, { trials: 2, seed: 1 });
    expect(rows.filter((row) => row.verdict === "failed")).toEqual([]);
    expect(rows.filter((row) => row.verdict !== "failed").length).toBeGreaterThan(1);
    // the adjoint is a recurrence of the language, and has one itself
    expect(problemsOf(printLayer(compiled.gradientLayer))).toEqual([]);
  });
});
