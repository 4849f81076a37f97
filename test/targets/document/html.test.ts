/** The HTML page: whole, self-contained, its links lead somewhere. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jacobianOf } from "../../../src/calculus/jacobian.js";
import { resolveSizes } from "../../../src/ranges/sizes.js";
import { describe as derivationOf } from "../../../src/targets/document/derivation.js";
import { toHtml } from "../../../src/targets/document/html/page.js";
import { compile } from "../../support/layers.js";

const spec = (name: string): string =>
  readFileSync(new URL(`../../../specs/${name}.layer`, import.meta.url), "utf8");

function page(text: string, name: string, sizes?: Record<string, number>): string {
  const { layer, derived } = compile(text, name);
  const resolved = sizes && resolveSizes(layer, sizes);
  const tensor = (wanted: string) => layer.tensors.find((t) => t.name === wanted)!;
  const jacobian = resolved?.ok ? jacobianOf(derived, tensor("z"), tensor("w"), resolved.env) : undefined;
  return toHtml(derivationOf(layer, derived, { jacobian }));
}

describe("the page", () => {
  const html = page(spec("batch_norm1d"), "batch_norm1d");

  it("asks for nothing from outside", () => {
    const outside = [...html.matchAll(/\b(?:src|href)="([^"]*)"|url\(([^)]*)\)/gu)].map(
      (m) => m[1] ?? m[2] ?? "",
    );
    expect(outside.length).toBeGreaterThan(10);
    expect(outside.filter((target) => !target.startsWith("#") && !target.startsWith("data:"))).toEqual([]);
    expect(html).not.toContain("<script");
  });

  it("has an anchor for each entry of the contents", () => {
    const targets = [...html.matchAll(/href="#([^"]*)"/gu)].map(([, id = ""]) => id);
    expect(new Set(targets)).toContain("dx");
    for (const id of targets) expect(html).toContain(`id="${id}"`);
  });

  it("closes what it opens", () => {
    for (const tag of [
      "section",
      "details",
      "summary",
      "div",
      "span",
      "ol",
      "li",
      "table",
      "main",
      "nav",
      "p",
    ])
      expect(html.match(new RegExp(`<${tag}[ >]`, "gu"))?.length).toBe(
        html.match(new RegExp(`</${tag}>`, "gu"))?.length,
      );
  });

  it("opens the derivation in which terms vanish", () => {
    expect(html).toMatch(/<details class="part" id="dmu" open>/u);
  });

  it("shows the author's text as it stands", () => {
    const odd = page("# <b>a</b> & b\ninput x[N]\noutput y[N]\ny[n] = 2*x[n]\n", "odd");
    expect(odd).toContain("&lt;b&gt;a&lt;/b&gt; &amp; b");
  });

  it("pictures a Jacobian: one square an entry, one colour for equal entries", () => {
    const jacobian = page(spec("linear"), "linear", { N: 1, C: 3, K: 2 });
    const svg = jacobian.slice(jacobian.indexOf("<svg xmlns"), jacobian.lastIndexOf("</svg>"));
    const colours = [...svg.matchAll(/<rect [^>]*fill="(hsl[^"]*)"/gu)].map(([, fill]) => fill);
    expect(colours).toHaveLength(6);
    expect(new Set(colours).size).toBe(3);
    expect(svg).toContain("<title>z[0, 1] by w[2, 1]: x[0, 2]</title>");
  });
});
