/** A kernel as a shader: the numbers of the plan in one uniform, its tensors, and what each thread does. */
import { splitAtLineEnds } from "../../notation/line-ends.js";
import { times, one, type Int } from "../../notation/integer.js";
import type { GpuKernel } from "../../kernels/gpu/program.js";
import type { Buffer } from "../../kernels/program.js";
import type { Index } from "../../notation/layer.js";
import { spellInt } from "../code/integers.js";
import { block, linesOf, textOf, type Lines } from "../code/lines.js";
import { declaredIn, inOrder, withoutUnread } from "../code/locals.js";
import { makeScope, type Scope } from "../code/scope.js";
import type { Speller } from "../code/speller.js";
import { linesFor } from "../code/statements.js";
import { atom, productOf, strengths, within, type Term } from "../code/term.js";
import { takenByHelpers } from "./helpers.js";
import { helperLines } from "./made.js";
import { combinations, takenByCombinations, takenByRoutines } from "./routines.js";
import { takenInShaders } from "./names.js";
import { wgslIn, type Helpers } from "./words.js";

/** A member of the uniform `plan`; `inf` is infinity. */
export interface Numbers {
  readonly integers: readonly string[];
  readonly reals: readonly string[];
}
export interface SpelledKernel extends Numbers {
  readonly kernel: GpuKernel;
  readonly source: string;
  /** In the order of their bindings, from 1 on: what is only read comes first. */
  readonly buffers: readonly { readonly name: string; readonly writes: boolean }[];
}

export const infinity = "inf";
const own = [
  "plan",
  "Plan",
  "id",
  "group",
  "groups",
  "point",
  "local",
  ...takenByHelpers,
  ...takenByRoutines,
  ...takenByCombinations,
];

/** @param natural sizes and params that are at least 0 */
export function spellKernel(
  kernel: GpuKernel,
  buffers: ReadonlyMap<string, Buffer>,
  natural: ReadonlySet<string>,
): SpelledKernel {
  const scope = makeScope([...takenInShaders, ...own]);
  const helpers: Helpers = {
    ones: new Set(),
    fours: new Set(),
    combinations: new Set(),
    numbers: new Set(),
  };
  const { threads } = kernel;
  const outside = [...kernel.integers, ...kernel.reals];
  const lanes = threads.kind === "groups" ? [threads.lane] : [];
  const around = {
    outside: new Set(outside),
    integerTensors: new Set([...buffers.values()].filter((b) => b.type === "integer").map((b) => b.name)),
    natural: new Set([...natural, ...threads.box.map((i) => i.name), ...lanes]),
    kernel,
  };
  const speller = wgslIn(scope, around, helpers);
  [...kernel.reads, ...kernel.writes].forEach((name) => scope.reserveTensor(name));
  outside.forEach((name) => scope.reserveValue(name));
  [...threads.box.map((i) => i.name), ...declaredIn(kernel.body)].forEach((name) => scope.declare(name));
  const body = linesFor(kernel.body, speller);
  const rest = withoutUnread(kernel.body, scope);
  if (rest) return spellKernel({ ...kernel, body: rest }, buffers, natural);
  const { head, inside } = threadsLines(kernel, speller);
  const used = inOrder([...kernel.reads, ...kernel.writes], scope.tensors).filter((t) => buffers.has(t));
  const read = outside.filter((name) => scope.read.has(name));
  const [partials] = threads.kind === "groups" ? threads.shared : [];
  const sources = [
    ...(partials ? combinations(helpers.combinations, scope.tensor(partials.name), threads.size) : []),
    ...helperLines(helpers.ones, helpers.fours),
  ];
  const numbers: Numbers = {
    integers: kernel.integers.filter((name) => read.includes(name)),
    reals: [...kernel.reals.filter((name) => read.includes(name)), ...helpers.numbers],
  };
  const all = used.map((name) => ({ name, writes: kernel.writes.includes(name) }));
  const bound = [...all.filter((b) => !b.writes), ...all.filter((b) => b.writes)];
  const lines: Lines = [
    ...[kernel.formula, ...(kernel.pattern === undefined ? [] : [kernel.pattern])].flatMap(comment),
    "",
    ...numbersText(numbers, scope),
    ...bound.map(({ name, writes }, i) => {
      const element = elementType(name, kernel, buffers);
      const access = writes ? "read_write" : "read";
      return `@group(0) @binding(${i + 1}) var<storage, ${access}> ${scope.tensor(name)}: array<${element}>;`;
    }),
    ...sharedText(kernel, scope),
    "",
    `@compute @workgroup_size(${threads.size})`,
    block(head, [...inside, ...body]),
    ...sources.flatMap((source) => ["", ...source]),
    "",
  ];
  const source = linesOf(lines).map(textOf).join("\n");
  return { kernel, source, buffers: bound, ...numbers };
}

function elementType(name: string, { vectors }: GpuKernel, buffers: ReadonlyMap<string, Buffer>): string {
  if (vectors?.has(name)) return "vec4<f32>";
  return buffers.get(name)?.type === "integer" ? "i32" : "f32";
}

const comment = (text: string): Lines => splitAtLineEnds(text).map((line) => `// ${line}`);

function numbersText({ integers, reals }: Numbers, scope: Scope): readonly string[] {
  const members = [
    ...integers.map((name) => `${scope.value(name)}: i32`),
    ...reals.map((name) => `${name === infinity ? name : scope.value(name)}: f32`),
  ];
  if (members.length === 0) return [];
  return [`struct Plan { ${members.join(", ")} }`, "@group(0) @binding(0) var<uniform> plan: Plan;"];
}

function sharedText({ threads }: GpuKernel, scope: Scope): readonly string[] {
  if (threads.kind === "points") return [];
  return threads.shared.map(({ name, type, length }) => {
    const element = { integer: "i32", real: "f32", vector: "vec4<f32>" }[type];
    return `var<workgroup> ${scope.tensor(name)}: array<${element}, ${length}>;`;
  });
}

/** How many points the threads' box has. */
export const pointsOf = ({ threads }: GpuKernel): Int => times(one, ...threads.box.map((i) => i.extent));

/** The product of the extents, in their order. */
const extentsOf = (box: readonly Index[], speller: Speller): Term =>
  productOf(box.length === 0 ? [atom("1")] : box.map((i) => spellInt(i.extent, speller)));

/** The head of the function, and where in the box the thread is: the last index is the fastest. */
function threadsLines(
  { threads }: GpuKernel,
  speller: Speller,
): { readonly head: string; readonly inside: Lines } {
  const { scope } = speller;
  const { box, size } = threads;
  const grid = "@builtin(num_workgroups) groups: vec3<u32>";
  const [head, point] =
    threads.kind === "points"
      ? ([
          `fn main(@builtin(global_invocation_id) id: vec3<u32>, ${grid}) {`,
          `let point = i32(id.x + id.y * groups.x * ${size}u);`,
        ] as const)
      : ([
          `fn main(@builtin(workgroup_id) group: vec3<u32>, ${grid}, @builtin(local_invocation_index) local: u32) {`,
          `let point = i32(group.x + group.y * groups.x);`,
        ] as const);
  const lane =
    threads.kind === "groups" && scope.read.has(threads.lane)
      ? [`let ${scope.value(threads.lane)} = i32(local);`]
      : [];
  const indices = box.flatMap((index, at) => {
    if (!scope.read.has(index.name)) return [];
    const inner = box.slice(at + 1);
    const outer =
      inner.length === 0 ? "point" : `point / ${within(extentsOf(inner, speller), strengths.unary)}`;
    const extent = within(spellInt(index.extent, speller), strengths.unary);
    return [`let ${scope.value(index.name)} = ${at === 0 ? outer : `${outer} % ${extent}`};`];
  });
  const outside = block(`if (point >= ${extentsOf(box, speller).text}) {`, ["return;"]);
  return { head, inside: [point, outside, ...indices, ...lane] };
}
