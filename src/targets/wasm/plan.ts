/** The function that makes a plan: the checks of `index.ts`, what lies where in the memory, and the calls of the kernels. */
import { sharedArrays } from "../../kernels/lifetimes.js";
import type { Buffer, Program } from "../../kernels/program.js";
import { quote } from "../../notation/line-ends.js";
import { helperNames, type HelperName } from "../typescript/helpers.js";
import { machineryNames, memory, type CheckName } from "../typescript/machinery.js";
import { makeScope, member, typePrefix } from "../typescript/names.js";
import {
  called,
  computedWith,
  passesText,
  shapeText,
  tensorsText,
  type SpelledPlan,
} from "../typescript/plan.js";
import { checksText } from "../typescript/settings.js";
import { buffersByName } from "../typescript/tensors.js";
import { typeScriptInPlan, type TypeScriptSpeller } from "../typescript/words.js";
import { bytesOf, panelElement } from "./context.js";
import type { SpelledProgram } from "./kernels.js";

/** Names of the module that no size or local may take. */
export const moduleNames: readonly string[] = [
  ...helperNames,
  ...machineryNames,
  ...memory.names,
  "plan",
  "settings",
  "tensorNames",
  "inPlace",
  "needs",
  "layerName",
  "moduleText",
  "forwardNames",
  "ownArrays",
  "Kernels",
];
const localNames = [
  "sizes",
  "options",
  "values",
  "tensors",
  "room",
  "threads",
  "at",
  "to",
  "work",
  "kernels",
];
const callNames = ["inputs", "outputs", "call", "complete", "forwardCall", "backwardCall", "subscript"];

export function spellPlan(
  program: Program,
  spelled: Pick<SpelledProgram, "kernels" | "stands">,
): SpelledPlan {
  const scope = makeScope([...moduleNames, ...localNames, ...callNames]);
  const helpers = new Set<HelperName>();
  const used = new Set<CheckName>();
  const speller = typeScriptInPlan(scope, helpers);
  const prefix = typePrefix(program.layer.name);
  // Later parts come first, so that it is known which names they use.
  const owners = sharedArrays(program);
  const calls = callsText(program, spelled, owners, speller);
  const tables = new Set<CheckName>();
  const { own, shared } = worksOf(program, spelled, owners, speller, tables);
  const tensors = tensorsText(program, speller, (b) =>
    b.type === "integer" ? "Int32Array" : "Float32Array",
  );
  const body = [
    ...checksText(program, speller, used),
    "",
    tensors,
    `const room = roomOf<Kernels>(tensors, [${own.join(", ")}], [${shared.join(", ")}], options, threads);`,
    `const { at, ${own.length + shared.length > 0 ? "work" : ""} } = room;`,
    `const to = room.to as Record<keyof ${prefix}Tensors, number>;`,
    calls,
  ].join("\n");
  return { body, helpers, checks: new Set([...used, ...tables]) };
}

/** What the kernels work in, with how many bytes each takes: what each thread has for itself, and the rest. */
function worksOf(
  program: Program,
  { kernels, stands }: Pick<SpelledProgram, "kernels" | "stands">,
  owners: ReturnType<typeof sharedArrays>,
  speller: TypeScriptSpeller,
  used: Set<CheckName>,
): { readonly own: readonly string[]; readonly shared: readonly string[] } {
  const taken = new Set([
    ...kernels.flatMap((k) => k.arrays),
    ...[...stands.values()].flatMap((s) => [...s.buffers.values()]),
  ]);
  const panels = program.panels
    .filter((p) => taken.has(p.name))
    .map((p) => `[${quote(p.name)}, ${p.length * bytesOf[panelElement(p.type)]}]`);
  const workspace = program.buffers.filter(
    (b) => b.role === "workspace" && taken.has(b.name) && !owners.has(b.name),
  );
  const textOf = (b: Buffer): string => {
    const of = `${quote(computedWith(b, program))}, ${shapeText(b, speller)}, sizes`;
    for (const check of ["workBytes", "textOf"] as const) used.add(check);
    if (b.type === "integer") used.add("checkTable");
    const arguments_ = b.type === "integer" ? `...checkTable(${of})` : of;
    return `[${quote(b.name)}, workBytes(${b.type === "double" ? 8 : 4}, ${arguments_})]`;
  };
  return {
    own: [...panels, ...workspace.filter((b) => b.own).map(textOf)],
    shared: workspace.filter((b) => !b.own).map(textOf),
  };
}

function callsText(
  program: Program,
  { kernels, stands }: Pick<SpelledProgram, "kernels" | "stands">,
  owners: ReturnType<typeof sharedArrays>,
  speller: TypeScriptSpeller,
): string {
  const buffers = buffersByName(program);
  const prefix = typePrefix(program.layer.name);
  const byName = new Map(kernels.map((k) => [k.kernel.name, k]));
  const address = (name: string): string => {
    const role = buffers.get(name)?.role ?? "workspace";
    return role === "workspace" ? `work[${quote(owners.get(name) ?? name)}]!` : `to${member(name)}`;
  };
  return passesText(program, speller, {
    callOf: (wanted) => {
      const { name, buffers: arrays, values } = called(wanted, stands);
      const kernel = byName.get(name);
      if (!kernel) throw new Error(`no kernel ${name}`);
      const numbers = kernel.numbers.map((n) => speller.scope.value(values(n)));
      return { name, arguments: [...kernel.arrays.map((a) => address(arrays(a))), ...numbers] };
    },
    before: (call) => `const kernels = enter(room, ${call});`,
    after: (call) => `leave(room, ${call});`,
    over: "",
    addTo: "addTo",
    workspaceBytes: () => "room.workBytes",
    allocate: `arraysIn(room) as ${prefix}Tensors`,
    made: (plan) => `const plan: ${prefix}Plan = ${plan};\nreturn { room, plan };`,
  });
}
