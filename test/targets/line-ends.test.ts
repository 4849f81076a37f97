/** No character that ends a line anywhere comes from the user's text into a generated line. */
import { describe, expect, it } from "vitest";
import { jsonText } from "../../src/cli/json.js";
import { hashOf, manifestText } from "../../src/cli/output/manifest.js";
import { compileText, emit } from "../../src/pipeline.js";
import { readDocument } from "../../src/reading/read.js";
import { toHtml as readingHtml } from "../../src/reading/report/html.js";
import { describe as derivationOf } from "../../src/targets/document/derivation.js";
import { toHtml } from "../../src/targets/document/html/page.js";
import { toDocument } from "../../src/targets/document/json.js";
import { toLatex } from "../../src/targets/document/latex/document.js";
import { toMarkdown } from "../../src/targets/document/markdown.js";
import { toText } from "../../src/targets/document/text.js";
import { emitJavaScript } from "../../src/targets/typescript/javascript.js";
import { loadPlan } from "../../src/targets/typescript/load.js";
import { printLayer } from "../../src/language/print.js";
import {
  commentLines,
  escapeLineEnds,
  escapeTemplate,
  quote,
  splitAtLineEnds,
} from "../../src/notation/line-ends.js";

const inText = ["\v", "\f", "\u0085", "\u2028", "\u2029"];
const all = [...inText, "\r", "\n", "\r\n"];
const strange = /[\v\f\r\u0085\u2028\u2029]/u;
/** Ends the line, the comment, the string and the template, and would then be code. */
const evil = (end: string): string => `before${end}globalThis.evil = 1 */ globalThis.evil = 1 \`\${globalThis.evil = 1} -->`; // prettier-ignore

/** Nothing of the text begins a line as it is written. */
function expectTame(text: string): void {
  expect(text).not.toMatch(strange);
  expect(text).not.toMatch(/^globalThis/mu);
}

describe.each(inText)("%j in a comment, a message and a path", (end) => {
  const text = `# ${evil(end)}
param stride = 1
input x[N]
output y[N]
require N >= stride, "${evil(end)}"
y[i] = stride*x[i]
variant plain: stride = 1
`;
  const compiled = compileText(text, "sample.layer");
  const header = { spec: `${evil(end)}/sample.layer`, hash: "0", version: "0" };

  it("is in no generated file", async () => {
    const folders = await emit(compiled, header, ["ts", "wgsl", "torch"], {
      shaders: true,
      derivation: true,
    });
    for (const { files } of folders)
      for (const [name, content] of Object.entries(files)) {
        if (name.endsWith(".md"))
          expect(content).not.toMatch(strange); // a line of the comment is a line there
        else expectTame(content);
        if (!name.endsWith(".ts")) continue;
        const { js, dts } = await emitJavaScript(content);
        expectTame(js);
        expectTame(dts);
      }
    const plan = (await loadPlan(folders[0]?.files["index.ts"] ?? "", "sample")) as Function;
    expect(() => plan({ N: 1, stride: 2 })).toThrow(evil(end)); // the message is told as it stands
    expect((globalThis as { evil?: unknown }).evil).toBeUndefined();
  });

  it("is in no derivation", () => {
    const derivation = derivationOf(compiled.layer, compiled.derived);
    const spelled = [
      toText(derivation, 80),
      toMarkdown(derivation, header),
      toLatex(derivation),
      toHtml(derivation),
    ];
    for (const shown of [...spelled, jsonText(toDocument(derivation), 2)]) expect(shown).not.toMatch(strange);
  });

  it("is in no printed layer, which is read again", () => {
    const printed = printLayer(compiled.layer);
    expect(printed).not.toMatch(strange);
    expect(printed).toMatch(/^# globalThis/mu);
  });

  it("is in nothing that is read from a document", () => {
    // a dollar would begin a formula
    const prose = evil(end).replaceAll("$", "");
    const report = readDocument(
      `# ${prose}\n$x, z \\in \\mathbb{R}^{N}$, ${prose}\n$$ z = 2 x $$\n`,
      `paper${end}globalThis.evil.md`,
    );
    expect(report.counts.understood).toBe(1);
    expect(jsonText(report)).not.toMatch(strange);
    expect(readingHtml(report, () => "")).not.toMatch(strange);
    for (const { statements } of report.equations)
      for (const { steps } of statements) for (const { layer = "" } of steps) expectTame(layer);
  });
});

it.each(all)("%j in a path does not end the header's line", async (end) => {
  const { compiled } = { compiled: compileText("input x[N]\noutput y[N]\ny[i] = x[i]\n", "sample.layer") };
  const [folder] = await emit(compiled, { spec: evil(end), hash: "0", version: "0" }, ["ts", "wgsl"], {
    shaders: true,
    derivation: true,
  });
  for (const content of Object.values(folder?.files ?? {})) expectTame(content);
  expectTame(manifestText(new Map([["a", { hash: hashOf(""), source: evil(end) }]])));
});

describe("the ways to write a text:", () => {
  it("lines", () => {
    for (const end of all) expect(splitAtLineEnds(`a${end}b`)).toEqual(["a", "b"]);
    expect(commentLines("a */ b \u2028 c")).toEqual(["a * / b", " c"]);
  });
  it("a string and a template are the text again", async () => {
    const text = `a${all.join("b")}"\\'\`\${c} $d \\u2028`;
    for (const written of [quote(text), `\`${escapeTemplate(text)}\``]) {
      expect(written.replaceAll("\n", "")).not.toMatch(strange);
      const url = `data:text/javascript;charset=utf-8,${encodeURIComponent(`export default ${written};`)}`;
      const { default: read } = (await import(/* @vite-ignore */ url)) as { default: string };
      expect(read).toBe(text);
    }
    expect(JSON.parse(escapeLineEnds(JSON.stringify(text)))).toBe(text);
  });
  it("JSON, with the numbers that it lacks", () => {
    expect(jsonText({ a: [Infinity, -Infinity, NaN, 1], "b\u2028": -0 })).toBe(
      '{"a":["Infinity","-Infinity","NaN",1],"b\\u2028":0}',
    );
  });
});
