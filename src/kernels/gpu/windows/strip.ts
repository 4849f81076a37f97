/**
 * Windows with nothing to tile, four results side by side in a thread: each weight is read once for four products, and the
 * place of the window's rows is found once. Phases of a stride are threads of their own, as in a tile, and meet live taps
 * only. The last results of a row that has no whole strips are computed once more: no lane is tested for being inside.
 */
import * as build from "../../../notation/construct.js";
import type { Condition } from "../../../notation/expression.js";
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Index } from "../../../notation/layer.js";
import { layerFacts } from "../../../ranges/facts.js";
import { overPhases, phasesOf } from "../../contraction/phases.js";
import type { KernelSource, Surroundings } from "../../lower.js";
import type { Code } from "../../program.js";
import { scalarEmitter } from "../../scalar.js";
import { depthOf, extentsOf } from "../extents.js";
import { emitLanes, width } from "./lanes.js";
import { builderOf, kernelOf } from "../lower.js";
import type { GpuKernel } from "../program.js";
import { inTurnsOfFour } from "./taps.js";
import { windowOf } from "./window.js";

const { constant, variable, zero } = integer;

export interface Strip {
  readonly kernel: GpuKernel;
  /** Where there are as many results side by side in a phase, and more results than points in a window: else reductions are long and few. */
  readonly when: Condition;
  /** Points of the window. */
  readonly taps: Int;
  /** Of long reductions: the kernel for threads to share them. */
  readonly long?: { readonly kernel: GpuKernel };
}

/** The piece with four results a thread; undefined where it is no window that slides along the last axis. */
export function stripOf(
  { name, formula, piece }: KernelSource,
  around: Surroundings,
  suffix = "Strip",
): Strip | undefined {
  const { layer, constants, shapes } = around;
  const window = windowOf(piece, around);
  if (!window) return undefined;
  const { statement, term, reduction, epilogue } = window;
  const phases = phasesOf(term, layerFacts(layer));
  const named = (value: Int, base: string): Int =>
    integer.literal(value) === undefined ? constants.value(value, base) : value;
  const inPhase = term.rows.outer.map((index) => {
    const phase = phases.find((p) => p.index.name === index.name);
    const extent = phase && integer.ceilDivide(index.extent, phase.divisor);
    return extent ? named(extent, `${index.name}InPhase`) : index.extent;
  });
  const length = inPhase.at(-1) ?? integer.one;
  const strips = named(integer.ceilDivide(length, constant(width)), "strips");
  const builder = builderOf(name + suffix, statement, around);
  builder.keep(term.reduced);
  builder.states(length, width);
  const emitter = scalarEmitter(builder, constants, shapes);
  const { subscripts } = statement;
  const work = { term, subscripts, adds: false, epilogue, ...(reduction && { body: reduction.body }) };
  builder.asBox(() =>
    overPhases(work, builder, constants, (inner) => {
      builder.closeBox();
      const own = inner.term.rows.outer;
      const box = own.map((index, i): Index => ({ name: index.name, extent: inPhase[i] ?? index.extent }));
      const strip = builder.name("strip");
      builder.enter([...box.slice(0, -1), { name: strip, extent: strips }]);
      const first = integer.scale(variable(strip), width);
      // the last phases may have fewer
      const exists = build.and(
        ...own
          .filter((index, i) => !integer.equal(index.extent, box[i]?.extent ?? zero))
          .map((i) => build.below(i === own.at(-1) ? first : variable(i.name), i.extent)),
      );
      const fill = () => emitLanes(window, inner, statement.tensor, first, emitter, shapes);
      if (exists.kind === "truth") return fill();
      builder.emit({ kind: "if", condition: exists, then: builder.block(fill), otherwise: [] });
    }),
  );
  // phases last: those of a row write to the same lines of memory
  const entered = builder.box ?? [];
  const [before, row, along] = [
    entered.slice(0, phases.length),
    entered.slice(phases.length, -1),
    entered.slice(-1),
  ];
  const threads = { kind: "points", box: [...row, ...before, ...along], size: 64 } as const;
  const source = { name: name + suffix, formula };
  const kernel = (code: readonly Code[]): GpuKernel =>
    kernelOf(source, code, threads, around, builder.stated);
  const { code } = builder.finish();
  const taps = depthOf(term);
  if (window.isLong)
    return {
      kernel: kernel(inTurnsOfFour(code, layer, (base) => builder.name(base))),
      when: build.atMost(constant(2), length),
      taps,
      long: { kernel: kernel(code) },
    };
  return {
    kernel: kernel(code),
    when: build.and(build.atMost(constant(width), length), build.atMost(taps, extentsOf(term.rows.outer))),
    taps,
  };
}
