/**
 * A kernel may bind only so many buffers. Where a statement reads more tensors than that, small ones are first copied
 * into one buffer of the workspace, one behind the other.
 */
import * as build from "../../notation/construct.js";
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
export function ownName(base: string, shapes: Shapes): string {
  let name = base;
  for (let i = 2; shapes.has(name); i++) name = `${base}_${i}`;
  return name;
}

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
  if (small.length <= excess || small.length >= mostBuffers)
    throw new Error(`${kernel.name} needs ${buffersOf(kernel, shapes).size} buffers`);
  const name = ownName(`${kernel.name}Packed`, shapes);
  const starts = new Map<string, Int>();
  const copies: Code[] = [];
  const index = ["i", "j", "at"].find((n) => !layerNames(layer).includes(n)) ?? "i'";
  const [i, lengths] = [integer.variable(index), small.map((tensor) => lengthOf(tensor, shapes))];
  let end = integer.zero;
  small.forEach((tensor, at) => {
    starts.set(tensor, end);
    const length = lengths[at] ?? integer.one;
    copies.push({
      kind: "if",
      condition: build.below(i, length),
      then: [{ kind: "store", buffer: name, offset: integer.plus(end, i), value: build.read(tensor, [i]) }],
      otherwise: [],
    });
    end = integer.plus(end, length);
  });
  const most = lengths.reduce((a, b) => integer.extremum("max", a, b));
  const box = [{ name: index, extent: most }];
  const body = mapCode(kernel.body, (e) => {
    const start = e.kind === "read" ? starts.get(e.tensor) : undefined;
    return start && e.kind === "read"
      ? build.read(name, [integer.plus(start, e.subscripts[0] ?? integer.zero)])
      : e;
  });
  const copy: GpuKernel = {
    name: `${kernel.name}Pack`,
    formula: `${small.join(", ")} one behind the other`,
    ...usesOf([...copies, { kind: "integer", name: "", value: most }], layer, constants),
    threads: { kind: "points", box, size: kernel.threads.size },
    body: copies,
  };
  const uses = usesOf(body, layer, constants);
  const integers = [...new Set([...kernel.integers, ...uses.integers])];
  return {
    kernels: [copy, { ...kernel, ...uses, integers, body }],
    buffers: [{ name, role: "workspace", type: "real", shape: [end] }],
  };
}

const lengthOf = (tensor: string, shapes: Shapes): Int =>
  integer.times(integer.one, ...(shapes.get(tensor)?.shape ?? []));
