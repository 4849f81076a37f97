/** Layers as shaders, and their plans on a device. */
import { readFileSync } from "node:fs";
import { compileText } from "../../../src/pipeline.js";
import type { GpuPass, GpuProgram } from "../../../src/kernels/gpu/program.js";
import { truth } from "../../../src/notation/construct.js";
import { emitWgsl } from "../../../src/targets/wgsl/index.js";
import { runtimeText } from "../../../src/targets/wgsl/runtime.js";
import { moduleUrl } from "../../../src/webgpu/load.js";

const header = { spec: "sample.layer", hash: "0", version: "0" };

/** Layers, programs and modules are made once a process: most tests run one layer in many ways, at many sizes. */
function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    if (!known.has(key)) known.set(key, make(key));
    return known.get(key)!;
  };
}

const programOf = remembered((named: string): GpuProgram => {
  const [name = "", text = ""] = named.split("\0");
  const program = compileText(text, `${name}.layer`).programs[0]?.gpuProgram();
  if (!program) throw new Error("no program");
  return program;
});
export const gpuProgramOf = (text: string, name = "sample"): GpuProgram => programOf(`${name}\0${text}`);
export const specText = (name: string): string => readFileSync(`specs/${name}.layer`, "utf8");

const filesOf = remembered((program: GpuProgram) => emitWgsl(program, header, { shaders: true }));
/** One shader of a standard layer, without the header of its file. */
export async function shaderOf(layer: string, kernel: string): Promise<string> {
  const files = await filesOf(gpuProgramOf(specText(layer), layer));
  const text = files[`${kernel}.wgsl`];
  if (text === undefined) throw new Error(`${layer} has no ${kernel}: ${Object.keys(files).join(", ")}`);
  return text.slice(text.indexOf("\n\n") + 2);
}

/** The program with every step that has kernels whose names end so computed by them, whatever the sizes. */
export function always(ending: string, program: GpuProgram): Forced {
  return forcedOf(program)(ending);
}
interface Forced {
  readonly program: GpuProgram;
  readonly steps: number;
}
const forcedOf = remembered((program: GpuProgram) => remembered((ending: string) => forced(ending, program)));
function forced(ending: string, program: GpuProgram): Forced {
  let steps = 0;
  const pass = ({ needs, steps: all }: GpuPass): GpuPass => ({
    needs,
    steps: all.map((step) => {
      const choice = step.choices.find(
        ({ kernels }) =>
          kernels.some((name) => name.endsWith(ending)) &&
          // four points a thread are for sizes divisible by four
          kernels.some((name) => name.endsWith("Quads")) === ending.endsWith("Quads"),
      );
      if (!choice) return step;
      steps++;
      return { ...step, choices: [{ when: truth, kernels: choice.kernels }] };
    }),
  });
  return {
    program: { ...program, forward: pass(program.forward), backward: pass(program.backward) },
    steps,
  };
}

/** The program as a module to import. */
export const urlOf = remembered(async (program: GpuProgram): Promise<string> => {
  const { "webgpu.ts": text = "" } = await filesOf(program);
  return moduleUrl(text, runtimeText("0"));
});
