/** A module of the generated shape, written by hand: `y[n] = x[n]^2`, `dx[n] = 2*x[n]*dy[n]`. */

/** In place of `generated/runtime.ts`. */
export const runtime = `
export function pipelineOf(device: GPUDevice, label: string, code: string, N: number): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ label, code });
  return device.createComputePipelineAsync({ layout: "auto", compute: { module, constants: { N } } });
}
`;

const shader = (value: string, inputs: readonly string[]): string => `
${inputs.map((name, i) => `@group(0) @binding(${i}) var<storage, read> ${name}: array<f32>;`).join("\n")}
@group(0) @binding(${inputs.length}) var<storage, read_write> result: array<f32>;
override N: u32;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n < N) { result[n] = ${value}; }
}`;

interface Faults {
  readonly forward?: string;
  readonly backward?: string;
  /** What is stored where the gradient is added. */
  readonly added?: string;
  /** How many elements are computed. */
  readonly count?: string;
}
/** The sample, or one with a fault planted. */
export const square = ({
  forward = "x[n] * x[n]",
  backward = "2 * x[n] * dy[n]",
  added = `result[n] + ${backward}`,
  count = "N",
}: Faults = {}): string => `
import { pipelineOf } from "../runtime.js";

const shaders = {
  y: ${JSON.stringify(shader(forward, ["x"]))},
  dx: ${JSON.stringify(shader(backward, ["x", "dy"]))},
  added: ${JSON.stringify(shader(added, ["x", "dy"]))},
};
type Buffers = Record<string, GPUBuffer>;

export async function square(device: GPUDevice, { N }: { N: number }) {
  const make = async (result: "y" | "dx", reads: string[], shader: keyof typeof shaders = result) => {
    const pipeline = await pipelineOf(device, "square " + shader, shaders[shader], ${count});
    return (encoder: GPUCommandEncoder, buffers: Buffers) => {
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      const entries = [...reads, result].map((name, binding) => ({ binding, resource: { buffer: buffers[name]! } }));
      pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(Math.ceil(N / 64));
      pass.end();
    };
  };
  const [forward, dx] = [await make("y", ["x"]), await make("dx", ["x", "dy"])];
  const added = await make("dx", ["x", "dy"], "added");
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  return {
    inPlace: [],
    shapes: { x: [N], y: [N], dx: [N], dy: [N] },
    allocate: () => {
      const buffers: Buffers = {};
      for (const name of ["x", "y", "dx", "dy"]) buffers[name] = device.createBuffer({ size: 4 * N, usage });
      return buffers;
    },
    write: (buffers: Buffers, values: Record<string, Float32Array>) => {
      for (const [name, value] of Object.entries(values)) device.queue.writeBuffer(buffers[name]!, 0, value);
    },
    forward,
    backward: (encoder: GPUCommandEncoder, buffers: Buffers, { add }: { add?: string[] } = {}) =>
      (add ? added : dx)(encoder, buffers),
    dx,
    read: async (buffers: Buffers, name: string) => {
      const staging = device.createBuffer({ size: 4 * N, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffers[name]!, 0, staging, 0, 4 * N);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const values = new Float32Array(staging.getMappedRange().slice(0));
      staging.destroy();
      return values;
    },
    destroy: (buffers: Buffers = {}) => Object.values(buffers).forEach((buffer) => buffer.destroy()),
  };
}
`;
