/** Single faults planted in emitted code, as a compiler that is wrong would have written it. */

/** The kinds of fault. */
export const kinds = [
  "a sum that is lost",
  "a constant one off",
  "a dropped min or max",
  "a start one off",
  "a step one off",
  "an end one off",
  "an offset one off",
  "a lane for another",
  "a dropped guard",
  "a condition turned",
  "a place not cleared",
] as const;
export type Kind = (typeof kinds)[number];

export interface Fault {
  readonly kind: Kind;
  /** Counted from 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** One way to change a line: all places that match are tried, each by itself. */
interface Mutation {
  readonly kind: Kind;
  readonly pattern: RegExp;
  readonly to: readonly ((match: RegExpExecArray) => string)[];
}

const oneOff = (n: string, by: number): string => String(Number(n) + by);
const group = (match: RegExpExecArray, i: number): string => match[i] ?? "";
const next: Readonly<Record<string, string>> = { b: "c", c: "d", d: "b", x: "y", y: "z", z: "w", w: "x" };

const mutations: readonly Mutation[] = [
  {
    kind: "a sum that is lost",
    pattern: /(?<!for .*)(\b[\w.]+(?:\[[^\]]*\])?) \+= /gu,
    to: [(m) => `${group(m, 1)} = `],
  },
  {
    // what earlier panels have stored
    kind: "a sum that is lost",
    pattern: /: \w+\[[^\]]+\] \+ (\w+\[[^\]]+\])/gu,
    to: [(m) => `: ${group(m, 1)}`],
  },
  {
    kind: "a constant one off",
    pattern: /(?<![\w.[])([2-9]|[1-9]\d+)(?![\w.:])/gu,
    to: [(m) => oneOff(group(m, 1), -1), (m) => oneOff(group(m, 1), 1)],
  },
  {
    kind: "a dropped min or max",
    pattern:
      /\b(?:Math\.)?(?:min|max)\(([^(),]+|[^(),]*\([^()]*\)[^(),]*), ([^(),]+|[^(),]*\([^()]*\)[^(),]*)\)/gu,
    to: [(m) => `(${group(m, 1)})`, (m) => `(${group(m, 2)})`],
  },
  {
    kind: "a start one off",
    pattern: /for \((?:let|var) (\w+) = ([^;]+);/gu,
    to: [(m) => `for (${declare(m)} ${group(m, 1)} = ${group(m, 2)} + 1;`],
  },
  {
    kind: "a step one off",
    pattern: /; (\w+)(?:\+\+| \+= ([\w.]+))\)/gu,
    to: [(m) => `; ${group(m, 1)} += ${m[2] === undefined ? "2" : `${group(m, 2)} + 1`})`],
  },
  {
    kind: "an end one off",
    pattern: /; (\w+) < ([^;]+);/gu,
    to: [(m) => `; ${group(m, 1)} < ${group(m, 2)} - 1;`, (m) => `; ${group(m, 1)} <= ${group(m, 2)};`],
  },
  {
    kind: "an offset one off",
    pattern: /(?<![\w<])(\w+)\[([^\]]*[a-z_][^\]]*)\]/gu,
    to: [(m) => `${group(m, 1)}[${group(m, 2)} + 1]`],
  },
  {
    // a copy of an unrolled loop, a lane of a vector
    kind: "a lane for another",
    pattern: /(?<!(?:let|const|var) )\b([a-zA-Z]\w*)_([bcd])\b|\b([a-z]\w*)\.([xyzw])\b/gu,
    to: [
      (m) =>
        m[2] === undefined
          ? `${group(m, 3)}.${next[group(m, 4)] ?? ""}`
          : `${group(m, 1)}_${next[group(m, 2)] ?? ""}`,
    ],
  },
  {
    kind: "a lane for another",
    pattern:
      /(?<!(?:let|const|var) )\b(sums|part|rows|columns|s|a|b|sum|view|paddedPlane)([0-3])\b(?= [-+*]=? |\[|\.|\)|;|,)/gu,
    to: [(m) => `${group(m, 1)}${(Number(m[2]) + 1) % (m[1] === "rows" || m[1] === "a" ? 2 : 3)}`],
  },
  { kind: "a dropped guard", pattern: /\bif \((?!point >=)(.+)\) \{$/gu, to: [() => "if (true) {"] },
  { kind: "a dropped guard", pattern: /(?<=[(&] ?)(\([^()]*(?:\([^()]*\)[^()]*)*\)) & /gu, to: [() => ""] },
  { kind: "a dropped guard", pattern: / & (\([^()]*(?:\([^()]*\)[^()]*)*\))/gu, to: [() => ""] },
  { kind: "a dropped guard", pattern: / && [^&|?()]+(?=\)| \?|$)/gu, to: [() => ""] },
  { kind: "a dropped guard", pattern: /^\s*if \(point >= [^{]+\{$/gu, to: [() => "  if (false) {"] },
  {
    kind: "a condition turned",
    pattern: / (<=|>=|===|==|<|>) (?![^;]*;[^;]*\) \{)/gu,
    to: [(m) => ` ${turned[group(m, 1)] ?? ""} `],
  },
  { kind: "a place not cleared", pattern: /^\s*\w+\[[^\]]+\] = 0;$/gu, to: [() => ""] },
  { kind: "a place not cleared", pattern: /^\s*\w+\.fill\([^)]*\);$/gu, to: [() => ""] },
  { kind: "a place not cleared", pattern: /\b(\w+) === 0\s*$/gu, to: [(m) => `${group(m, 1)} === -1`] },
];
const declare = (m: RegExpExecArray): string => (m[0].includes("let ") ? "let" : "var");
const turned: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "==": "!=",
};

/** Every fault of every kind in the kernels of emitted code. */
export function faultsIn(text: string): readonly Fault[] {
  const lines = text.split("\n");
  const found: Fault[] = [];
  for (const at of kernelLines(lines)) {
    const before = lines[at] ?? "";
    if (/^\s*(?:\/\/|\*|\/\*)/u.test(before)) continue;
    for (const { kind, pattern, to } of mutations)
      for (const match of before.matchAll(pattern))
        for (const change of to) {
          const { index } = match;
          const after = before.slice(0, index) + change(match) + before.slice(index + match[0].length);
          if (after !== before)
            found.push({ kind, line: at + 1, before: before.trim(), after: after.trim() });
        }
  }
  return found;
}

/** The text with the fault in it. */
export function planted(text: string, { line, before, after }: Fault): string {
  const lines = text.split("\n");
  const old = lines[line - 1] ?? "";
  if (old.trim() !== before) throw new Error(`line ${line} is not ${before}`);
  lines[line - 1] = old.replace(before, () => after);
  return lines.join("\n");
}

/**
 * The lines that compute: bodies of kernels and routines, the panels, plan constants and choices; in `webgpu.ts` those of the
 * shaders' entry points and of what these call. What checks calls and hands out arrays is the same in all layers.
 */
function* kernelLines(lines: readonly string[]): Generator<number> {
  let where: "machinery" | "kernel" | "plan" = "machinery";
  for (const [at, line] of lines.entries()) {
    if (/^(?:async )?(?:function|fn) /u.test(line)) where = kernel.test(line) ? "kernel" : "machinery";
    if (/^export (?:async )?function |^function plan\b/u.test(line)) where = "plan";
    const isPanel = /^const \w+ = \/\* @__PURE__ \*\/ (?:new (?:Float64|Int32)Array|\w+\.subarray)\(/u.test(
      line,
    );
    // plan constants stand between the sizes and the first check or tensor
    if (where === "plan" && /^ +(?:requireThat|checkDerived|const tensors)/u.test(line)) where = "machinery";
    const isConstant = where === "plan" && /^ {4}(?:const (?!values|\{)| )/u.test(line);
    if (isPanel || isConstant || (where === "kernel" && line.startsWith("  "))) yield at;
    if (line === "}") where = "machinery";
  }
}
/** Kernels, their routines and `mod`; what only spells a function of the language has tests of its own. */
const kernel =
  /^function (?:\w+(?:32|64)|multiplyTile|sumTaps|mod)\(|^fn (?:main|combine\w+|modulo|floorDivide)\(/u;
