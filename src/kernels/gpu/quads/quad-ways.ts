/** Which kernels have a second one with four points a thread, and when that is taken. */
import * as build from "../../../notation/construct.js";
import type { Surroundings } from "../../lower.js";
import type { Choice, GpuKernel, Ways } from "../program.js";
import { quadsOf } from "./quads.js";

/** Each way with four points a thread before it, where that fits one of the `plain` kernels. */
export function inQuads(
  { kernels, choices, buffers }: Ways,
  plain: readonly GpuKernel[],
  around: Surroundings,
): Ways {
  const { shapes } = around;
  const integers = new Set(
    [...shapes.values(), ...buffers].filter((b) => b.type === "integer").map((b) => b.name),
  );
  const axes = (names: Iterable<string>): readonly number[] =>
    [...names].map((name) => shapes.get(name)?.shape.length ?? 0);
  const most = Math.max(...axes(shapes.keys()));
  const sums = new Set(buffers.filter((b) => b.type === "real").map((b) => b.name));
  // what touches small tensors alone, or adds up parts, takes no time
  const pays = ({ reads, writes }: GpuKernel): boolean =>
    axes([...reads, ...writes]).includes(most) && !reads.some((name) => sums.has(name));
  const quads = new Map(
    plain.flatMap((k) => {
      const found = pays(k) ? quadsOf(k, around, integers) : undefined;
      return found ? [[k.name, found] as const] : [];
    }),
  );
  return {
    kernels: [...kernels, ...[...quads.values()].map((q) => q.kernel)],
    choices: choices.flatMap((choice): readonly Choice[] => {
      const found = choice.kernels.flatMap((name) => quads.get(name) ?? []);
      if (found.length === 0) return [choice];
      const when = build.and(choice.when, ...found.map((q) => q.when));
      const names = choice.kernels.map((name) => quads.get(name)?.kernel.name ?? name);
      return [{ ...choice, when, kernels: names }, choice];
    }),
    buffers,
  };
}
