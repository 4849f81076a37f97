/** A value is read by its name only where it is that value, at a point that the name is defined at. */
import { describe, expect, it } from "vitest";
import { deriveText } from "../../src/pipeline.js";
import { fold, definitionsOf, foldValues, valueDefinitions } from "../../src/algebra/definitions.js";
import { foldProducts, productDefinitions } from "../../src/algebra/products.js";
import { knownInside, knownOf } from "../../src/algebra/real-signs.js";
import { simplifySums } from "../../src/algebra/sums.js";
import { explicitBounds } from "../../src/ranges/bounds.js";
import { factsInside } from "../../src/ranges/facts.js";
import { printStatement } from "../../src/language/print.js";

/** The last statement of a layer, with the values of those before it called by their names. */
function named(text: string): string {
  const layer = explicitBounds(deriveText(text, "sample.layer").layer);
  const last = layer.statements.at(-1)!;
  const before = layer.statements.slice(0, -1);
  const known = knownOf(layer);
  const facts = factsInside(known.facts, last.indices);
  const simple = simplifySums(last.body, facts);
  const products = foldProducts(
    foldValues(simple, valueDefinitions(before), facts),
    productDefinitions(before),
    facts,
  );
  const definitions = definitionsOf(before, knownInside(known, known.facts));
  const body = fold(products, definitions, facts);
  return printStatement({ ...last, body }, layer);
}
const inputs = "input s[N]\ninput t[N]\ninput x[N, N]\noutput y[N]\noutput z[N]\n";

describe("a product", () => {
  const square = `${inputs}y[j] = s[0]*s[j]\n`;
  it("is named where all its factors are there", () => {
    expect(named(`${square}z[i] = t[i]*s[i]*s[0]\n`)).toBe("z[i] = t[i] * y[i]");
  });
  it("is a square where its two points are one", () => {
    expect(named(`${square}z[i] = t[i]*s[0]^2\n`)).toBe("z[i] = t[i] * y[0]");
    expect(named(`${square}z[i] = t[i]*s[0]\n`)).toBe("z[i] = t[i] * s[0]");
    expect(named(`${square}z[i] = t[i]*s[i]^2\n`)).toBe("z[i] = t[i] * s[i]^2");
  });
  it("has one point for each index", () => {
    const twice = `${inputs}y[j] = s[j]*t[j]\n`;
    expect(named(`${twice}z[i] = s[i]*t[N - 1 - i]\n`)).toBe("z[i] = s[i] * t[N - i - 1]");
    expect(named(`${twice}z[i] = s[N - 1 - i]*t[N - 1 - i]\n`)).toBe("z[i] = y[N - i - 1]");
    expect(named(`${twice}z[i] = s[i]*s[0]*t[0]\n`)).toBe("z[i] = s[i] * y[0]");
  });
});

describe("a sum", () => {
  const rows = `${inputs}y[j] = sum[k](x[j,k]*s[k])\n`;
  it("is named at the point of all its reads", () => {
    expect(named(`${rows}z[i] = t[i]*sum[j](s[j]*x[i,j])\n`)).toBe("z[i] = t[i] * y[i]");
    expect(named(`${rows}z[i] = sum[j](s[j]*x[j,i])\n`)).toBe("z[i] = sum[j](s[j] * x[j, i])");
    expect(named(`${rows}z[i] = sum[j](s[j]*x[j,j])\n`)).toBe("z[i] = sum[j](s[j] * x[j, j])");
  });
  it("over a part is not the whole", () => {
    expect(named(`${rows}z[i] = sum[j <= i](s[j]*x[i,j])\n`)).toBe("z[i] = sum[j <= i](s[j] * x[i, j])");
  });
  it("is named only within what is defined", () => {
    const short = "input x[N, N]\nlocal y[M]\noutput z[N]\ninput u[M]\nrequire M <= N\n";
    const first = `${short}y[j] = sum[k](x[j,k])\n`;
    expect(named(`${first}z[i] = sum[k](x[i,k])\n`)).toBe("z[i] = sum[k](x[i, k])");
  });
});

describe("a function", () => {
  it("is named at the point of all its reads", () => {
    const values = `${inputs}y[j] = max(s[0], s[j])\n`;
    expect(named(`${values}z[i] = t[i]*max(s[0], s[i])\n`)).toBe("z[i] = t[i] * y[i]");
    expect(named(`${values}z[i] = t[i]*max(s[i], s[0])\n`)).toBe("z[i] = t[i] * max(s[i], s[0])");
    expect(named(`${values}z[i] = t[i]*max(s[0], s[0])\n`)).toBe("z[i] = t[i] * y[0]");
  });
});
