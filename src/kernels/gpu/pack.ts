/**
 * A kernel may bind only so many buffers. Where a statement reads more tensors than that, small ones are first copied
 * into one buffer of the workspace, one behind the other.
 */
import * as build from "../../notation/construct.js";
import { freshNames } from "../../notation/fresh.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Layer } from "../../notation/layer.js";
import type { PlanConstants } from "../constants.js";
import type { Shapes } from "../offsets.js";
import type { Buffer, Code } from "../program.js";
import { layerNames } from "../lower.js";
import { usesOf } from "../uses.js";
import { mapCode } from "./map-code.js";
import type { GpuKernel } from "./program.js";

/** Every device binds this many. */
export const mostBuffers = 8;

/** The layer's tensors that the kernel binds. */
export const buffersOf = (kernel: GpuKernel, shapes: Shapes): ReadonlySet<string> =>
  new Set([...kernel.reads, ...kernel.writes].filter((name) => shapes.has(name)));

/** A name for an array of the kernel's own, which no tensor of the layer has. */
export const ownName = (base: string, shapes: Shapes): string => freshNames(shapes.keys()).tensor(base);

export interface Packed {
  /** Copies, then computes. */
  readonly kernels: readonly GpuKernel[];
  readonly buffers: readonly Buffer[];
}

export function packed(kernel: GpuKernel, shapes: Shapes, layer: Layer, constants: PlanConstants): Packed {
  const excess = buffersOf(kernel, shapes).size - mostBuffers;
  if (excess <= 0) return { kernels: [kernel], buffers: [] };
  const rank = (name: string): number => shapes.get(name)?.shape.length ?? 0;
  const small = kernel.reads
    .filter((name) => !kernel.writes.includes(name) && shapes.get(name)?.type === "real")
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, excess + 1);
  if (small.length <= excess)
    throw new Error(`${kernel.name} needs ${buffersOf(kernel, shapes).size} buffers`);
  const name = ownName(`${kernel.name}Packed`, shapes);
  const starts = new Map<string, Int>();
  let end = integer.zero;
  for (const tensor of small) {
    starts.set(tensor, end);
    end = integer.plus(end, lengthOf(tensor, shapes));
  }
  const index = ["i", "j", "at"].find((n) => !layerNames(layer).includes(n)) ?? "i'";
  const copyOf = (tensors: readonly string[], suffix: string): GpuKernel => {
    const i = integer.variable(index);
    const copies = tensors.map((tensor): Code => {
      const offset = integer.plus(starts.get(tensor) ?? integer.zero, i);
      return {
        kind: "if",
        condition: build.below(i, lengthOf(tensor, shapes)),
        then: [{ kind: "store", buffer: name, offset, value: build.read(tensor, [i]) }],
        otherwise: [],
      };
    });
    const most = tensors
      .map((tensor) => lengthOf(tensor, shapes))
      .reduce((a, b) => integer.extremum("max", a, b));
    return {
      name: `${kernel.name}Pack${suffix}`,
      formula: `${tensors.join(", ")} one behind the other`,
      ...usesOf([...copies, { kind: "integer", name: "", value: most }], layer, constants),
      threads: { kind: "points", box: [{ name: index, extent: most }], size: kernel.threads.size },
      body: copies,
    };
  };
  const body = mapCode(kernel.body, (e) => {
    const start = e.kind === "read" ? starts.get(e.tensor) : undefined;
    return start && e.kind === "read"
      ? build.read(name, [integer.plus(start, e.subscripts[0] ?? integer.zero)])
      : e;
  });
  const uses = usesOf(body, layer, constants);
  const integers = [...new Set([...kernel.integers, ...uses.integers])];
  return {
    kernels: [
      ...chunks(small).map((some, at) => copyOf(some, at === 0 ? "" : `${at + 1}`)),
      { ...kernel, ...uses, integers, body },
    ],
    buffers: [{ name, role: "workspace", type: "real", shape: [end] }],
  };
}

/** As many as a copy can bind beside what it writes. */
function chunks(tensors: readonly string[]): readonly (readonly string[])[] {
  const size = mostBuffers - 1;
  return Array.from({ length: Math.ceil(tensors.length / size) }, (_, i) =>
    tensors.slice(i * size, (i + 1) * size),
  );
}

const lengthOf = (tensor: string, shapes: Shapes): Int =>
  integer.times(integer.one, ...(shapes.get(tensor)?.shape ?? []));
