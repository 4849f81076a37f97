/** The function that makes a plan: the checks of `index.ts`, then what each kernel gets and when it runs. */
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Choice, GpuPass, GpuProgram, GpuStep } from "../../kernels/gpu/program.js";
import type { StepLoop } from "../../kernels/program.js";
import { conditionText } from "../code/expressions.js";
import { intText } from "../code/integers.js";
import type { Speller } from "../code/speller.js";
import { helperNames, type HelperName } from "../typescript/helpers.js";
import { machineryNames, type CheckName } from "../typescript/machinery.js";
import { key, list, makeScope, typePrefix } from "../typescript/names.js";
import { tensorsText, type SpelledPlan } from "../typescript/plan.js";
import { checksText } from "../typescript/settings.js";
import { gradientNeeds } from "../typescript/tensors.js";
import { typeScriptInPlan } from "../typescript/words.js";
import { infinity, pointsOf, type SpelledKernel } from "./kernels.js";

/** Names of the module that no size or local may take. */
export const moduleNames: readonly string[] = [
  ...helperNames,
  ...machineryNames,
  "settings",
  "tensorNames",
  "layerName",
  "shaders",
  "createPlan",
  "isSoftware",
  "LayerPlan",
  "checksOf",
  "checkArrays",
];
const localNames = ["device", "software", "plan", "sizes", "values", "tensors", "subscript"];

export interface SpelledGpuPlan extends SpelledPlan {
  /** Whether it asks if its device is a driver in software. */
  readonly software: boolean;
}

/** @param shared kernels that run another's shader */
export function spellPlan(
  program: GpuProgram,
  kernels: readonly SpelledKernel[],
  shared: ReadonlyMap<string, string>,
): SpelledGpuPlan {
  const scope = makeScope([...moduleNames, ...localNames]);
  const helpers = new Set<HelperName>();
  const used = new Set<CheckName>(["textOf"]);
  const speller = typeScriptInPlan(scope, helpers);
  const int = (value: Int): string => intText(value, speller);
  const workspace = program.buffers
    .filter((b) => b.role === "workspace")
    .map((b) => `${key(b.name)}: ${int(integer.times(integer.one, ...b.shape))},`);
  const loops = new Map(
    [...program.forward.steps, ...program.backward.steps].flatMap((s) =>
      s.choices.flatMap((c) => c.kernels.map((name) => [name, s.loops ?? []] as const)),
    ),
  );
  const description = kernels.map((k) => {
    const { name } = k.kernel;
    return kernelText(k, shared.get(name) ?? name, loops.get(name) ?? [], speller);
  });
  const pass = ({ steps }: GpuPass): string => stepsText(steps, speller);
  const [forward, backward] = [pass(program.forward), pass(program.backward)];
  const steps = [...program.forward.steps, ...program.backward.steps];
  const software = steps.some((s) => reachable(s.choices).some((choice) => choice.software));
  const tensors = tensorsText(program, speller, (b) =>
    b.type === "integer" ? "Int32Array" : "Float32Array",
  );
  const prefix = typePrefix(program.layer.name);
  const body = `const { readSettings, tensor, byName, checkArrays, askedGradients } = checksOf(layerName, tensorNames);
  ${checksText(program, speller, used).join("\n")}

  ${tensors}
  ${software ? "const software = isSoftware(device);" : ""}
  const plan = await createPlan(device, {
    layer: layerName,
    sizes: textOf(values),
    tensors,
    workspace: { ${workspace.join("\n")} },
    kernels: {
      ${description.join("\n")}
    },
    forward: [${forward}],
    backward: [${backward}],
    gradients: ${list([...gradientNeeds(program).keys()])},
    inPlace: [${program.inPlace.map(list).join(", ")}],
    asked: askedGradients,
    checked: (arrays) => checkArrays(tensors, arrays),
  });
  return plan as ${prefix}Plan;`;
  return { body, helpers, checks: used, software };
}

/** The steps of a pass, those of a recurrence in its loops. */
function stepsText(steps: readonly GpuStep[], speller: Speller): string {
  const runs: { readonly loops: GpuStep["loops"]; readonly steps: GpuStep[] }[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last?.loops && last.loops === step.loops) last.steps.push(step);
    else runs.push({ loops: step.loops, steps: [step] });
  }
  const text = (s: GpuStep): string => {
    const at = s.loops?.map(({ index }) => `${speller.scope.value(index)}: number`).join(", ");
    const when = s.when ? `, when: (${at}) => ${conditionText(s.when, speller)}` : "";
    return `{ for: ${list(s.for)}, kernels: ${choicesText(s.choices, speller)}${when} },`;
  };
  return runs
    .map(({ loops, steps: own }) => {
      const lines = own.map(text).join("\n");
      if (!loops) return lines;
      const extents = loops.map(
        ({ extent, direction }) =>
          `{ extent: ${intText(extent, speller)}, down: ${String(direction === "down")} }`,
      );
      return `{ loops: [${extents.join(", ")}], steps: [${lines}] },`;
    })
    .join("\n");
}

/** What the kernel runs on under the plan's sizes. @param loops those around it, whose indices the runtime puts in */
function kernelText(
  spelled: SpelledKernel,
  shader: string,
  loops: readonly StepLoop[],
  speller: Speller,
): string {
  const { kernel, integers, reals, buffers } = spelled;
  const { threads } = kernel;
  const isMoving = (name: string): boolean => loops.some((loop) => loop.index === name);
  const value = (name: string): string =>
    name === infinity ? "Infinity" : isMoving(name) ? "0" : speller.scope.value(name);
  const places = loops.map((loop) => integers.indexOf(loop.index));
  const moving = places.some((place) => place >= 0) ? `moving: [${places.join(", ")}],` : "";
  const points = intText(pointsOf(kernel), speller);
  const groups = threads.kind === "groups" ? points : `Math.ceil((${points}) / ${threads.size})`;
  const names = (writes: boolean): string =>
    list(buffers.filter((b) => b.writes === writes).map((b) => b.name));
  return `${key(kernel.name)}: {
    source: shaders.${shader},
    groups: ${groups},
    integers: [${integers.map(value).join(", ")}],
    reals: [${reals.map(value).join(", ")}],
    reads: ${names(false)},
    writes: ${names(true)},
    ${moving}
  },`;
}

const isAlways = ({ when }: Choice): boolean => when.kind === "truth" && when.value;
/** The choices up to one that is always taken. */
function reachable(choices: readonly Choice[]): readonly Choice[] {
  const last = choices.findIndex((choice) => isAlways(choice) && !choice.software);
  return last < 0 ? choices : choices.slice(0, last + 1);
}
/** The first choice whose condition holds. */
function choicesText(choices: readonly Choice[], speller: Speller): string {
  return reachable(choices).reduceRight((otherwise, choice) => {
    const { software, when, kernels } = choice;
    if (isAlways(choice) && !software) return list(kernels);
    const text = conditionText(when, speller);
    const sizes = isAlways(choice) ? [] : [software && when.kind === "or" ? `(${text})` : text];
    return `${[...(software ? ["software"] : []), ...sizes].join(" && ")} ? ${list(kernels)} : ${otherwise}`;
  }, "[]");
}
