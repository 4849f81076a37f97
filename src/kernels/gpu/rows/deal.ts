/** The points of loops dealt out to threads in turn. */
import * as integer from "../../../notation/integer.js";
import type { Int } from "../../../notation/integer.js";
import type { Code } from "../../program.js";
import { eachCode } from "../../walk-code.js";

type Loop = Extract<Code, { kind: "loop" }>;

/** A thread's number among those that share the points, and how many they are. */
export interface Share {
  readonly own: Int;
  readonly threads: Int;
}

/** The outermost loops, each with its points dealt out to the threads in turn. */
export function distributed(block: readonly Code[], share: Share): readonly Code[] {
  return block.flatMap((code): readonly Code[] => {
    if (code.kind === "if")
      return [
        {
          ...code,
          then: distributed(code.then, share),
          otherwise: distributed(code.otherwise, share),
        },
      ];
    return code.kind === "loop" ? dealt(code, share) : [code];
  });
}

/**
 * How many points each outermost loop has at most, as far as sizes alone decide it.
 * @param defined the code in which names in limits are defined
 */
export function lengthsOf(
  block: readonly Code[],
  defined: readonly Code[],
  isSize: (name: string) => boolean,
): readonly Int[] {
  const meanings = new Map<string, Int>();
  eachCode(defined, (c) => c.kind === "integer" && meanings.set(c.name, c.value));
  const known = (value: Int): boolean => [...integer.variablesOf(value)].every(isSize);
  /** The end of a window is the smaller of two: where it leaves the input, and its size. */
  const most = (end: Int): Int | undefined => {
    if (known(end)) return end;
    const value = meanings.get(integer.plainVariable(end) ?? "") ?? end;
    const [m, another] = value.monomials;
    const [atom, more] = m?.factors ?? [];
    if (another || more || m?.coefficient !== 1 || atom?.kind !== "min") return undefined;
    return [atom.left, atom.right].find(known);
  };
  const visit = (code: Code): readonly Int[] => {
    if (code.kind === "if") return [...code.then, ...code.otherwise].flatMap(visit);
    if (code.kind !== "loop") return [];
    const ends = perfectNest(code).nest.map((l) => most(l.to));
    const found = ends.flatMap((end) => end ?? []);
    return found.length === ends.length ? [integer.times(integer.one, ...found)] : [];
  };
  return block.flatMap(visit);
}

function dealt(loop: Loop, { own, threads }: Share): readonly Code[] {
  const { nest, definitions, body } = perfectNest(loop);
  if (nest.length === 1)
    return [
      {
        ...loop,
        from: integer.plus(loop.from, integer.times(own, loop.step)),
        step: integer.times(loop.step, threads),
      },
    ];
  const index = `${nest.map((l) => l.index).join("")}'`;
  const counts = nest.map(({ index, from, to }) => {
    const name = `${index}Count'`;
    const value = integer.extremum("max", integer.zero, integer.minus(to, from));
    return integer.literal(from) === 0
      ? { count: to, code: [] }
      : { count: integer.variable(name), code: [{ kind: "integer", name, value } as const] };
  });
  const product = (from: number): Int =>
    integer.times(integer.one, ...counts.slice(from).map((c) => c.count));
  const indices = nest.map((l, at): Code => {
    const outer = integer.floorDivide(integer.variable(index), product(at + 1));
    const within = at === 0 ? outer : integer.modulo(outer, counts[at]?.count ?? integer.one);
    return { kind: "integer", name: l.index, value: integer.plus(l.from, within) };
  });
  return [
    ...counts.flatMap((c) => c.code),
    {
      kind: "loop",
      index,
      from: own,
      to: product(0),
      step: threads,
      body: [...indices, ...definitions, ...body],
    },
  ];
}

/** Loops one directly inside the other that take every point, none of whose limits depends on another. */
function perfectNest(loop: Loop): {
  nest: readonly Loop[];
  definitions: readonly Code[];
  body: readonly Code[];
} {
  const nest = [loop];
  const definitions: Code[] = [];
  const own = new Set<string>();
  let body = loop.body;
  const steady = (l: Loop): boolean => integer.literal(l.step) === 1;
  for (;;) {
    const inner = body.at(-1);
    const before = body.slice(0, -1);
    own.add(nest.at(-1)?.index ?? "");
    for (const code of before) if (code.kind === "integer") own.add(code.name);
    const pure = before.every((code) => code.kind === "integer");
    if (!pure || inner?.kind !== "loop" || !nest.every(steady) || !steady(inner)) break;
    if ([inner.from, inner.to].some((end) => [...integer.variablesOf(end)].some((name) => own.has(name))))
      break;
    definitions.push(...before);
    nest.push(inner);
    body = inner.body;
  }
  return { nest, definitions, body };
}
