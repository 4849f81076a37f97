/**
 * Which intermediates take the array of another: those of as many elements whose lives do not overlap. So a chain of layers
 * goes back through two arrays, however long it is.
 */
import * as integer from "../notation/integer.js";
import type { Buffer, Kernel, Pass, Program, Step } from "./program.js";

/** From the step that writes it first to the last that touches it. */
interface Life {
  readonly buffer: Buffer;
  readonly first: number;
  readonly last: number;
}
type Timed = Pick<Program, "buffers" | "kernels" | "forward" | "backward">;

/** The owner of its array, by the name of each buffer that has none of its own. */
export function sharedArrays(program: Timed): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  /** Arrays by type and length: their owners, and when each is free. */
  const arrays = new Map<string, { readonly owner: string; free: number }[]>();
  for (const { buffer, first, last } of livesIn(program)) {
    const key = `${buffer.type} ${integer.keyOf(integer.times(integer.one, ...buffer.shape))}`;
    const alike = arrays.get(key) ?? [];
    arrays.set(key, alike);
    const taken = alike.find((array) => array.free < first);
    if (taken) owners.set(buffer.name, taken.owner);
    if (taken) taken.free = last;
    else alike.push({ owner: buffer.name, free: last });
  }
  return owners;
}

/** In the order in which they begin. What lives in both passes, in a loop of steps, or in each thread by itself keeps its array. */
function livesIn({ buffers, kernels, forward, backward }: Timed): readonly Life[] {
  const kernelsOf = usedBy(kernels);
  const touchedIn = (pass: Pass, from: number): ReadonlyMap<string, readonly Touch[]> => {
    const found = new Map<string, Touch[]>();
    pass.steps.forEach((step, i) => {
      const used = kernelsOf(step);
      const writes = new Set(used.flatMap((k) => k.writes));
      for (const name of new Set([...used.flatMap((k) => k.reads), ...writes]))
        found.set(name, [
          ...(found.get(name) ?? []),
          { at: from + i, writes: writes.has(name), loops: !!step.loops },
        ]);
    });
    return found;
  };
  const passes = [touchedIn(forward, 0), touchedIn(backward, forward.steps.length)];
  const lives = buffers.flatMap((buffer): readonly Life[] => {
    const [touched, ...others] = passes.flatMap((pass) =>
      [pass.get(buffer.name) ?? []].filter((t) => t.length > 0),
    );
    const [first] = touched ?? [];
    if (buffer.role !== "workspace" || buffer.own || !touched || !first || others.length > 0) return [];
    if (!first.writes || touched.some((t) => t.loops)) return [];
    return [{ buffer, first: first.at, last: touched.at(-1)!.at }];
  });
  return lives.toSorted((a, b) => a.first - b.first);
}
/** The kernels that a step may run. */
function usedBy(kernels: readonly Kernel[]): (step: Step) => readonly Kernel[] {
  const byName = new Map(kernels.map((k) => [k.name, k]));
  return ({ kernel, instead }) =>
    [kernel, ...(instead ? [instead.kernel] : [])].flatMap((name) => byName.get(name) ?? []);
}
interface Touch {
  readonly at: number;
  readonly writes: boolean;
  readonly loops: boolean;
}

/**
 * The pass with each result right behind the last step that it needs, so that what it reads need live no longer.
 * Results that need no step of the pass, and what runs in loops, stay where they are.
 */
export function resultsEarly(pass: Pass, kernels: readonly Kernel[], results: ReadonlySet<string>): Pass {
  const used = usedBy(kernels);
  const written = pass.steps.map((step) => new Set(used(step).flatMap((k) => k.writes)));
  const needs = pass.steps.map((step) => used(step).flatMap((k) => k.reads));
  const behind = pass.steps.map((step, i) => {
    const isResult = [...written[i]!].every((name) => results.has(name) || name.includes(" "));
    if (!isResult || step.loops) return i;
    let last = written.findLastIndex(
      (names, j) => j < i && needs[i]!.some((n) => !n.includes(" ") && names.has(n)),
    );
    // neighbours in the same loops run together
    const { loops } = pass.steps[last] ?? {};
    if (loops) while (pass.steps[last + 1]?.loops === loops) last++;
    return last < 0 ? i : last;
  });
  const steps = [...pass.steps.keys()].toSorted((a, b) => behind[a]! - behind[b]! || a - b);
  return { ...pass, steps: steps.map((i) => pass.steps[i]!) };
}
