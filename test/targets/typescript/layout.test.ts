import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { emitTypeScript } from "../../../src/targets/typescript/index.js";
import { format } from "../../../src/targets/typescript/format.js";
import { commentText, layOut, listText } from "../../../src/targets/typescript/layout.js";
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

it("lines that are too long or mix operators", async () => {
  const long = (tail: string): string => `${"first + ".repeat(11)}${tail}`;
  const body = [
    `const sum = ${long("0")};`,
    `const sum2 = flag === 0 ? ${long("1")} : ${long("2")};`,
    // exactly as wide as a line may be, with the brace
    `for (let i = 0; i < ${"n".repeat(72)}; i++) {`,
    "out[i] = (a / b) * c;",
    "out[i] = a / b * c;",
    "out[i] = a * b % c;",
    "out[i] = a > b ? c : d > e ? f : g;",
    "out[i] = 1e+21;",
    "}",
    `for (let i = ${"n".repeat(50)}; i < ${"m".repeat(50)}; i += ${"k".repeat(20)}) {`,
    `if (a < ${long("1")} && b === 0 || c === 0) {`,
    "out[i] = a - b;",
    "} else {",
    `out[${long("1")}]! += ${long("2")};`,
    "}",
    "}",
  ].join("\n");
  const head = "function kernel(out: Float32Array): void {";
  const [text] = await layOut([{ head, body }]);
  expect(text).toBe(await asPrettierPrints(`${head}\n${body}\n}\n`));
  expect(text).toMatchInlineSnapshot(`
    "function kernel(out: Float32Array): void {
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
        out[i] = (a / b) * c;
        out[i] = (a * b) % c;
        out[i] = a > b ? c : d > e ? f : g;
        out[i] = 1e21;
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
  const loops = names.map((i) => `for (let ${i} = 0; ${i} < 2; ${i}++) {`);
  const inner = [
    `if (${names[0]} > 0 && ${names.at(-1)} > 0) {`,
    "out[0] = 1;",
    "} else {",
    "out[0] = 2 / 3 * 4;",
    "}",
  ];
  const lines = [...loops, ...inner, ...names.map(() => "}")];
  const [text] = await layOut([
    { head: "function kernel(out: Float32Array): void {", body: lines.join("\n") },
  ]);
  const same = text!.replaceAll(/\s/gu, "");
  expect(same).toBe(
    `functionkernel(out:Float32Array):void{${lines.join("").replaceAll(/\s/gu, "").replace("2/3*4", "(2/3)*4")}}`,
  );
});

it("comments and lists", () => {
  expect(commentText("one */ line")).toBe("/** one * / line */");
  expect(commentText("two\n\nlines")).toBe("/**\n * two\n *\n * lines\n */");
  expect(listText("f(", ["a: number", "b: number"], "): void {")).toBe("f(a: number, b: number): void {");
  expect(listText("f(", ["a".repeat(50), "b".repeat(50)], "): void {")).toBe(
    `f(\n  ${"a".repeat(50)},\n  ${"b".repeat(50)},\n): void {`,
  );
});
