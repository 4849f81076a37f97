/** Arithmetic of 64-bit integers. */
import { get, operation, set, type Instruction, type WasmFunction } from "../encode/instructions.js";
import { bits, integer, when } from "./words.js";

const binary = (name: string, locals: readonly string[], ...body: readonly Instruction[]): WasmFunction => ({
  name,
  parameters: ["a", "b"].map((p) => ({ name: p, type: "i64" })),
  result: "i64",
  locals: locals.map((local) => ({ name: local, type: "i64" })),
  body,
});
const nothing = when(bits("eqz")("b"), { kind: "return", value: integer(0) });

/** a - b ⌊a / b⌋, 0 for b = 0: the remainder, made to have b's sign. */
const modulo = binary(
  "modulo",
  ["rest"],
  nothing,
  set("rest", bits("rem_s")("a", "b")),
  operation(
    "select",
    bits("add")("rest", "b"),
    get("rest"),
    // their signs differ
    bits("lt_s")(bits("mul")("rest", bits("or")(bits("shr_s")("b", 63), 1)), 0),
  ),
);
/** ⌊a / b⌋, 0 for b = 0. */
const floorDivide = binary(
  "floorDivide",
  [],
  nothing,
  bits("div_s")(bits("sub")("a", { kind: "call", name: "modulo", operands: [get("a"), get("b")] }), "b"),
);
/** aᵇ for b >= 0, by squaring. */
const integerPower = binary(
  "integerPower",
  ["value"],
  set("value", integer(1)),
  {
    kind: "loop",
    label: "squares",
    body: [
      when(operation("i32.wrap_i64", bits("and")("b", 1)), set("value", bits("mul")("value", "a"))),
      set("a", bits("mul")("a", "a")),
      set("b", bits("shr_s")("b", 1)),
      { kind: "branch", label: "squares", condition: bits("gt_s")("b", 0) },
    ],
  },
  get("value"),
);

export const integerFunctions = { modulo, floorDivide, integerPower };
