import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { emitTypeScript } from "../../../src/targets/typescript/index.js";
import { format } from "../../../src/targets/typescript/format.js";
import { block, linesOf, type Block, type Lines } from "../../../src/targets/code/lines.js";
import {
  commentText,
  functionText,
  layOut,
  listText,
  withComment,
  type FunctionCode,
} from "../../../src/targets/typescript/layout.js";
import { compile } from "../../support/layers.js";
import { samples } from "./samples.js";

const specs = resolve(import.meta.dirname, "../../../specs");
const asPrettierPrints = (text: string): Promise<string> =>
  format(text, { parser: "babel-ts", printWidth: 100 });

describe("a file stands as prettier prints it", () => {
  const header = { spec: "some.layer", hash: "0", version: "0.1.0" };
  it.each(readdirSync(specs))("%s and its variants", async (file) => {
    const name = file.replace(".layer", "");
    const { programs } = compile(readFileSync(resolve(specs, file), "utf8"), name);
    for (const { program } of programs) {
      const text = await emitTypeScript(program, header);
      expect(text).toBe(await asPrettierPrints(text));
    }
  });
  it.each(Object.entries(samples))("%s", async (_, program) => {
    const text = await emitTypeScript(program, header);
    expect(text).toBe(await asPrettierPrints(text));
  });
});

/** A function of no arguments over the lines. */
const kernel = (body: Lines): FunctionCode => ({
  comment: "kernel",
  name: "kernel",
  parameters: () => [],
  body,
});
async function laidOut(body: Lines): Promise<string> {
  const [code] = await layOut([kernel(body)]);
  return functionText(code!, "Float32Array");
}

it("lines that are too long", async () => {
  const long = (tail: string): string => `${"first + ".repeat(11)}${tail}`;
  const choice: Block = {
    ...block(`if (a < ${long("1")} && b === 0 || c === 0) {`, ["out[i] = a - b;"]),
    otherwise: [`out[${long("1")}]! += ${long("2")};`],
  };
  const body = [
    `const sum = ${long("0")};`,
    `const sum2 = flag === 0 ? ${long("1")} : ${long("2")};`,
    // exactly as wide as a line may be, with the brace
    block(`for (let i = 0; i < ${"n".repeat(72)}; i++) {`, [
      "out[i] = (a / b) * c;",
      "out[i] = a > b ? c : d > e ? f : g;",
    ]),
    block(`for (let i = ${"n".repeat(50)}; i < ${"m".repeat(50)}; i += ${"k".repeat(20)}) {`, [choice]),
  ];
  const text = await laidOut(body);
  const plain = linesOf(body)
    .map(({ code }) => code)
    .join("\n");
  expect(text).toBe(await asPrettierPrints(`function kernel(): void {\n${plain}\n}\n`));
  expect(text).toMatchInlineSnapshot(`
    "function kernel(): void {
      const sum =
        first + first + first + first + first + first + first + first + first + first + first + 0;
      const sum2 =
        flag === 0
          ? first + first + first + first + first + first + first + first + first + first + first + 1
          : first + first + first + first + first + first + first + first + first + first + first + 2;
      for (
        let i = 0;
        i < nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn;
        i++
      ) {
        out[i] = (a / b) * c;
        out[i] = a > b ? c : d > e ? f : g;
      }
      for (
        let i = nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn;
        i < mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm;
        i += kkkkkkkkkkkkkkkkkkkk
      ) {
        if (
          (a <
            first + first + first + first + first + first + first + first + first + first + first + 1 &&
            b === 0) ||
          c === 0
        ) {
          out[i] = a - b;
        } else {
          out[
            first + first + first + first + first + first + first + first + first + first + first + 1
          ]! +=
            first + first + first + first + first + first + first + first + first + first + first + 2;
        }
      }
    }
    "
  `);
});

it.each([48, 49, 50, 60, 120])("a nest of %i loops keeps its braces", async (depth) => {
  const names = Array.from({ length: depth }, (_, i) => `i${i}`);
  const inner: Block = {
    ...block(`if (${names[0]} > 0 && ${names.at(-1)} > 0) {`, ["out[0] = 1;"]),
    otherwise: ["out[0] = (2 / 3) * 4;"],
  };
  const nest = names.reduceRight<Block>(
    (body, i) => block(`for (let ${i} = 0; ${i} < 2; ${i}++) {`, [body]),
    inner,
  );
  const unspaced = (text: string): string => text.replaceAll(/\s/gu, "");
  const plain = linesOf([nest])
    .map(({ code }) => code)
    .join("");
  expect(unspaced(await laidOut([nest]))).toBe(unspaced(`function kernel(): void {${plain}}`));
});

it("a function over either type of array, the body laid out once", async () => {
  const code = { ...kernel(["out[0] = 1;"]), parameters: (real: string) => [`out: ${real}`] };
  const [laid] = await layOut([code]);
  const text = (real: string, bits: string): string =>
    `function kernel${bits}(out: ${real}): void {\n  out[0] = 1;\n}\n`;
  expect(functionText(laid!, "Float32Array", "32")).toBe(text("Float32Array", "32"));
  expect(functionText(laid!, "Float64Array", "64")).toBe(text("Float64Array", "64"));
  expect(withComment(laid!, "…")).toBe("/** kernel */\n…");
});

it("comments and lists", () => {
  expect(commentText("one */ line")).toBe("/** one * / line */");
  expect(commentText("two\n\nlines")).toBe("/**\n * two\n *\n * lines\n */");
  expect(listText("f(", ["a: number", "b: number"], "): void {")).toBe("f(a: number, b: number): void {");
  expect(listText("f(", ["a".repeat(50), "b".repeat(50)], "): void {")).toBe(
    `f(\n  ${"a".repeat(50)},\n  ${"b".repeat(50)},\n): void {`,
  );
});
