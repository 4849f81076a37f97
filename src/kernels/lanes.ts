/**
 * A sum in four: each addition waits for the one before, so that a long sum is bound by their latency. Four sums of
 * every fourth term run side by side, and round less. Likewise products, maxima and minima.
 */
import * as build from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { allCopies, inTurns, type Loop, type Turns } from "./copies.js";
import type { Code } from "./program.js";
import { buffersRead, buffersWritten, namesUsedBy } from "./walk-code.js";

/** What a loop gathers in a local number: its neutral element, and how other lanes join it. */
export interface Gathered {
  readonly name: string;
  readonly initial: Expression;
  readonly join: (lanes: readonly string[]) => readonly Code[];
}

/** The assignment as one step of a sum, a product, a max or a min. */
export function gatheredBy(c: Code): Gathered | undefined {
  const step = c.kind === "assign" && c.value.kind !== "int" ? stepOf(c.value) : undefined;
  if (c.kind !== "assign" || !step) return undefined;
  const { name } = c;
  if (step.parts.filter((p) => isLocal(p, name)).length !== 1) return undefined;
  const join = (lanes: readonly string[]): readonly Code[] => [
    {
      kind: "assign",
      name,
      value: lanes.map(parameter).reduce((a, b) => step.combine(a, b), parameter(name)),
    },
  ];
  return { name, initial: step.initial, join };
}
/** What an associative operation joins, its identity element, and the operation on two. */
interface Step {
  readonly parts: readonly Expression[];
  readonly initial: Expression;
  readonly combine: (a: Expression, b: Expression) => Expression;
}
function stepOf(e: Expression): Step | undefined {
  if (e.kind === "add") return { parts: e.terms, initial: build.zero, combine: build.add };
  if (e.kind === "multiply") return { parts: e.factors, initial: build.one, combine: build.multiply };
  if (e.kind !== "call" || (e.name !== "max" && e.name !== "min")) return undefined;
  const { name } = e;
  const initial = name === "max" ? build.rational(-Infinity) : build.infinity;
  return { parts: e.arguments, initial, combine: (a, b) => build.call(name, [a, b]) };
}
const parameter = (name: string): Expression => ({ kind: "parameter", name });
const isLocal = (e: Expression, name: string): boolean => e.kind === "parameter" && e.name === name;

/** What the loop's body gathers; undefined where its points depend on each other in another way. */
export function gatheredIn(body: readonly Code[]): readonly Gathered[] | undefined {
  const found: Gathered[] = [];
  const steps: Code[] = [];
  for (const c of body) {
    const gathered = gatheredBy(c);
    if (gathered) {
      found.push(gathered);
      steps.push(c);
    } else if (c.kind !== "integer" && c.kind !== "real" && c.kind !== "store") return undefined;
  }
  const names = found.map((g) => g.name);
  if (new Set(names).size !== names.length) return undefined;
  const crosses = body.some((c) => {
    const used = namesUsedBy(c);
    const own = gatheredBy(c)?.name;
    return names.some((name) => name !== own && used.has(name));
  });
  const written = buffersWritten(body);
  const readsBack = [...buffersRead(body)].some((name) => written.has(name));
  return crosses || readsBack ? undefined : found;
}

/** The loop over whole turns, the one over the rest, and the lanes joined. */
export function inLanes(
  loop: Loop,
  gathered: readonly Gathered[],
  turns: Turns,
  fresh: (base: string) => string,
): readonly Code[] {
  const [first, ...others] = allCopies(loop.index, fresh);
  const names = gathered.map((g) => g.name);
  for (const copy of others) names.forEach((name) => copy.own(name));
  const locals = loop.body.flatMap((c) => (c.kind === "integer" || c.kind === "real" ? [c.name] : []));
  for (const copy of others) locals.forEach((name) => copy.own(name));
  const body = [first, ...others].flatMap((copy) => loop.body.map((c) => copy.code(c)));
  return [
    ...gathered.flatMap(({ name, initial }) =>
      others.map((copy): Code => ({ kind: "accumulator", name: copy.nameOf(name), value: initial })),
    ),
    ...inTurns(loop, turns, body),
    ...gathered.flatMap(({ name, join }) => join(others.map((copy) => copy.nameOf(name)))),
  ];
}
