import { describe, expect, it } from "vitest";
import { contractionIn, outerReductions, type Contraction } from "../../src/patterns/contraction.js";
import { compile } from "../support/layers.js";

/** The contraction of the statement that defines `z`. */
function contraction(formula: string, declarations: string): Contraction | undefined {
  const { derived } = compile(`${declarations}\n${formula}\n`);
  const statement = derived.forward.find((s) => s.tensor === "z");
  const [sum] = statement ? outerReductions(statement.body) : [];
  return statement && sum && contractionIn(sum, statement);
}

describe("contractionIn", () => {
  it("says what each index is", () => {
    const found = contraction(
      "z[n,i,k,m] = sum[c,j,u](x[n,i,c,j] * w[n,c,k,u])",
      "input x[N, I, C, J]\nweight w[N, C, K, U]\ninput t[M]\noutput z[N, I, K, M]",
    );
    expect(found).toMatchObject({
      left: { tensor: "x" },
      right: { tensor: "w" },
      batch: ["n"],
      row: ["i"],
      column: ["k"],
      broadcast: ["m"],
      reduced: ["c"],
      leftReduced: ["j"],
      rightReduced: ["u"],
    });
  });
  it("puts the operand with the last output index right, whatever the order of the factors", () => {
    const declarations = "input x[N, C]\nweight w[C, K]\noutput z[N, K]";
    for (const body of ["x[n,c] * w[c,k]", "w[c,k] * x[n,c]"])
      expect(contraction(`z[n,k] = sum[c](${body})`, declarations)).toMatchObject({
        left: { tensor: "x" },
        right: { tensor: "w" },
      });
  });
  it("gathers factors under the operand whose indices they share", () => {
    const found = contraction(
      "z[n,k] = 2 * sum[c](x[n,c] * mask[n,c] * w[c,k] * s[k])",
      "input x[N, C]\ndata mask[N, C]\nweight w[C, K]\nweight s[K]\noutput z[N, K]",
    );
    expect(found?.left.factors).toHaveLength(2);
    expect(found).toMatchObject({ row: ["n"], column: ["k"], reduced: ["c"] });
  });
  it("counts a condition on values as a factor of its operand", () => {
    const found = contraction(
      "z[n,k] = sum[c](where(y[n,c] > 0, x[n,c] * w[c,k], 0))",
      "input x[N, C]\ninput y[N, C]\nweight w[C, K]\noutput z[N, K]",
    );
    expect(found?.left.factors).toHaveLength(2);
    expect(found).toMatchObject({ left: { tensor: "x" }, right: { tensor: "w" } });
  });
  it("is undefined for sums of one operand and for products that do not part in two", () => {
    expect(contraction("z[n] = sum[c](x[n,c])", "input x[N, C]\noutput z[N]")).toBeUndefined();
    expect(
      contraction(
        "z[i,j,k] = sum[r](a[i,r] * b[j,r] * c[k,r])",
        "input a[I, R]\ninput b[J, R]\ninput c[K, R]\noutput z[I, J, K]",
      ),
    ).toBeUndefined();
    expect(
      contraction("z[n] = max[c](x[n,c] * w[c])", "input x[N, C]\nweight w[C]\noutput z[N]"),
    ).toBeUndefined();
  });
});
