/** The encoder, by another's decoder: wabt reads what it wrote, validates it and prints it. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import wabt from "wabt";
import { signed, unsigned } from "../../../src/targets/wasm/encode/bytes.js";
import {
  callOf,
  choose,
  constant,
  get,
  load,
  operation,
  repeat,
  set,
  store,
  tee,
  type Instruction,
  type WasmFunction,
} from "../../../src/targets/wasm/encode/instructions.js";
import { encode } from "../../../src/targets/wasm/encode/module.js";
import { overShared, relaxed } from "../../../src/runtime/machinery/memory.js";
import { exportsOf } from "../../support/web-assembly.js";
import { laneCodes, memoryCodes, plainCodes } from "../../../src/targets/wasm/encode/opcodes.js";

let tools: Awaited<ReturnType<typeof wabt>>;
beforeAll(async () => {
  tools = await wabt();
});
const features = { relaxed_simd: true, threads: true } as Parameters<typeof tools.readWasm>[1];
/** The module as text, after it was decoded and validated. */
function printed(bytes: Uint8Array): string {
  const module = tools.readWasm(bytes, features);
  (module as { validate: (features: object | undefined) => void }).validate(features);
  const text = module.toText({});
  module.destroy();
  return text;
}
const moduleOf = (...functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> =>
  encode({ functions, exported: functions.map((f) => f.name) });

it("writes integers in seven bits a byte", () => {
  // examples of the DWARF specification, section 7.6, and both ends
  expect(unsigned(624485)).toEqual([0xe5, 0x8e, 0x26]);
  expect(unsigned(0)).toEqual([0]);
  expect(unsigned(2 ** 32 - 1)).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
  expect([2, -2, 127, -127, 128, -128].map(signed)).toEqual([
    [2],
    [0x7e],
    [0xff, 0],
    [0x81, 0x7f],
    [0x80, 1],
    [0x80, 0x7f],
  ]);
  expect(signed(-(2n ** 63n))).toEqual([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]);
});

it("has the codes of every instruction", () => {
  // behind a branch any operands are there
  const alone = (i: Instruction): Instruction => ({
    kind: "block",
    label: "end",
    body: [{ kind: "branch", label: "end" }, i, { kind: "return" }],
  });
  const [plain, lanes, memory] = [plainCodes, laneCodes, memoryCodes].map((codes) => [...codes.keys()]);
  const body = [
    ...plain!.map((name) => operation(name)),
    ...lanes!.map((name): Instruction => ({ kind: "lane", name, lane: 1, operands: [] })),
    ...memory!.map((name) =>
      name.includes("store")
        ? store(name, constant("i32", 4), { kind: "return" }, 8)
        : load(name, constant("i32", 4), 300),
    ),
  ];
  const text = printed(moduleOf({ name: "all", parameters: [], locals: [], body: body.map(alone) }));
  const words = new Set(text.split(/[\s()]+/u));
  expect([...plain!, ...lanes!, ...memory!].filter((name) => !words.has(name))).toEqual([]);
  expect(plain!.length + lanes!.length + memory!.length).toBeGreaterThan(200);
});

it("keeps control, locals and calls", () => {
  const sum: WasmFunction = {
    name: "sum",
    parameters: [{ name: "n", type: "i32" }],
    result: "f64",
    // not in the order in which they are written
    locals: [
      { name: "total", type: "f64" },
      { name: "i", type: "i32" },
      { name: "wide", type: "i64" },
    ],
    body: [
      set("wide", constant("i64", -(2n ** 40n))),
      repeat("terms", operation("i32.lt_s", get("i"), get("n")), [
        set("total", operation("f64.add", get("total"), callOf("halved", get("i")))),
        set("i", operation("i32.add", get("i"), constant("i32", 1))),
      ]),
      choose("f64", operation("i64.eqz", get("wide")), constant("f64", NaN), get("total")),
    ],
  };
  const halved: WasmFunction = {
    name: "halved",
    parameters: [{ name: "i", type: "i32" }],
    result: "f64",
    locals: [{ name: "real", type: "f64" }],
    body: [operation("f64.mul", tee("real", operation("f64.convert_i32_s", get("i"))), constant("f64", 0.5))],
  };
  const bytes = moduleOf(sum, halved);
  expect(printed(bytes)).toMatchInlineSnapshot(`
    "(module
      (type (;0;) (func (param i32) (result f64)))
      (import "leibniz" "memory" (memory (;0;) 0))
      (func (;0;) (type 0) (param i32) (result f64)
        (local i32 i64 f64)
        i64.const -1099511627776
        local.set 2
        local.get 1
        local.get 0
        i32.lt_s
        if  ;; label = @1
          loop  ;; label = @2
            local.get 3
            local.get 1
            call 1
            f64.add
            local.set 3
            local.get 1
            i32.const 1
            i32.add
            local.set 1
            local.get 1
            local.get 0
            i32.lt_s
            br_if 0 (;@2;)
          end
        end
        local.get 2
        i64.eqz
        if (result f64)  ;; label = @1
          f64.const nan (;=nan;)
        else
          local.get 3
        end)
      (func (;1;) (type 0) (param i32) (result f64)
        (local f64)
        local.get 0
        f64.convert_i32_s
        local.tee 1
        f64.const 0x1p-1 (;=0.5;)
        f64.mul)
      (export "sum" (func 0))
      (export "halved" (func 1)))
    "
  `);
  expect(exportsOf(bytes).exports["sum"]?.(5)).toBe(5);
});

it("says what it does not know", () => {
  const body = (i: Instruction) => () => moduleOf({ name: "f", parameters: [], locals: [], body: [i] });
  expect(body(get("x"))).toThrow("there is no local of f: x");
  expect(body(callOf("g"))).toThrow("there is no function g");
  expect(body(operation("f64.more"))).toThrow("there is no instruction f64.more");
  expect(body({ kind: "branch", label: "out" })).toThrow("there is no label out");
});

describe("the modules of the standard layers", () => {
  const files = readdirSync("generated")
    .map((layer) => join("generated", layer, "wasm.ts"))
    .filter((file) => existsSync(file));
  it("are all there", () => expect(files.length).toBeGreaterThan(40));
  it("are decoded, validated and printed; they import a memory and nothing else", () => {
    let [bytes, products] = [0, 0];
    for (const file of files) {
      const text = /const moduleText = `([^`]*)`/u.exec(readFileSync(file, "utf8"))?.[1] ?? "";
      const module = Uint8Array.from(atob(text.replaceAll("\n", "")), (letter) => letter.charCodeAt(0));
      bytes += module.length;
      const wat = printed(module);
      expect(wat.match(/\(import .*/gu), file).toEqual(['(import "leibniz" "memory" (memory (;0;) 0))']);
      // over a memory that threads share, and with a relaxed multiply-add for each product that is added at once
      const shared = printed(overShared(module));
      expect(shared.match(/\(import .*/gu), file).toEqual([
        '(import "leibniz" "memory" (memory (;0;) 0 65536 shared))',
      ]);
      const fused = printed(relaxed(module));
      const adds = wat.match(/f32x4\.mul\s+local\.get \d+\s+f32x4\.add/gu) ?? [];
      const madds = fused.match(/f32x4\.relaxed_madd/gu) ?? [];
      products += madds.length;
      expect(madds.length, file).toBe(adds.length);
      expect(
        fused.replaceAll(/nop\s+nop\s+nop/gu, "f32x4.mul").replaceAll("f32x4.relaxed_madd", "f32x4.add"),
      ).toBe(wat);
    }
    expect(products).toBeGreaterThan(100);
    // all kernels of a layer, forward and backward
    expect(bytes / files.length).toBeLessThan(10_000);
  });
});
