/** The points of loops dealt out to threads in turn. */
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import type { Code } from "../program.js";

type Loop = Extract<Code, { kind: "loop" }>;

/** A thread's number among those that share the points, and how many they are. */
export interface Share {
  readonly own: Int;
  readonly threads: Int;
}

/** The outermost loops, each with its points dealt out to the threads in turn. */
export function distributed(block: readonly Code[], share: Share): readonly Code[] {
  return block.map((code): Code => {
    if (code.kind === "if")
      return {
        ...code,
        then: distributed(code.then, share),
        otherwise: distributed(code.otherwise, share),
      };
    return code.kind === "loop" ? dealt(code, share) : code;
  });
}

/** How many points each outermost loop has, where sizes alone decide it. */
export function lengthsOf(block: readonly Code[], isSize: (name: string) => boolean): readonly Int[] {
  return block.flatMap((code): readonly Int[] => {
    if (code.kind === "if") return lengthsOf([...code.then, ...code.otherwise], isSize);
    if (code.kind !== "loop" || integer.literal(code.from) !== 0) return [];
    const total = pointsOf(perfectNest(code).nest);
    return [...integer.variablesOf(total)].every(isSize) ? [total] : [];
  });
}
const pointsOf = (nest: readonly Loop[]): Int => integer.times(integer.one, ...nest.map((l) => l.to));

function dealt(loop: Loop, { own, threads }: Share): Code {
  const { nest, definitions, body } = perfectNest(loop);
  if (nest.length === 1)
    return {
      ...loop,
      from: integer.plus(loop.from, integer.times(own, loop.step)),
      step: integer.times(loop.step, threads),
    };
  const index = `${nest.map((l) => l.index).join("")}'`;
  const indices = nest.map((l, at): Code => {
    const inner = integer.times(integer.one, ...nest.slice(at + 1).map((o) => o.to));
    const outer = integer.floorDivide(integer.variable(index), inner);
    return { kind: "integer", name: l.index, value: at === 0 ? outer : integer.modulo(outer, l.to) };
  });
  return {
    kind: "loop",
    index,
    from: own,
    to: pointsOf(nest),
    step: threads,
    body: [...indices, ...definitions, ...body],
  };
}

/** Loops over whole ranges one directly inside the other, none of whose ends depends on another. */
function perfectNest(loop: Loop): {
  nest: readonly Loop[];
  definitions: readonly Code[];
  body: readonly Code[];
} {
  const nest = [loop];
  const definitions: Code[] = [];
  const own = new Set<string>();
  let body = loop.body;
  const whole = (l: Loop): boolean => integer.literal(l.from) === 0 && integer.literal(l.step) === 1;
  for (;;) {
    const inner = body.at(-1);
    const before = body.slice(0, -1);
    own.add(nest.at(-1)?.index ?? "");
    for (const code of before) if (code.kind === "integer") own.add(code.name);
    const pure = before.every((code) => code.kind === "integer");
    if (!pure || inner?.kind !== "loop" || !nest.every(whole) || !whole(inner)) break;
    if ([...integer.variablesOf(inner.to)].some((name) => own.has(name))) break;
    definitions.push(...before);
    nest.push(inner);
    body = inner.body;
  }
  return { nest, definitions, body };
}
