/** Sums of products in the order of least work: Σ_jk a[i,j]·b[j,k]·c[k,l] is Σ_k (Σ_j a·b)·c or Σ_j a·(Σ_k b·c). */
import { freeNamesIn, freeNamesInCondition } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import { conjuncts } from "../notation/construct.js";
import type { Binder, Condition, Expression, Reduction } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import { presence } from "../ranges/presence.js";
import { factsInside } from "../ranges/facts.js";
import { cheapestPath, type Path } from "./path.js";
import type { Place, Room } from "./room.js";

/** Another order is taken where it is at most this part of the work of the sum as it is written. */
const worthwhile = 0.7;

/** A factor with the conditions on the points at which it counts. */
interface Factor {
  readonly value: Expression;
  readonly guards: readonly Condition[];
  readonly names: ReadonlySet<string>;
}

/** The sum with parts of it in statements of their own, where that is less work. */
export function inOrder(sum: Reduction, place: Place, room: Room): Expression {
  if (sum.name !== "sum") return sum;
  const flat = flattened(sum);
  const loops = [...place.loops, ...flat.binders];
  const index = new Map(loops.map((b) => [b.name, b]));
  const bound = new Set(flat.binders.map((b) => b.name));
  if (index.size < loops.length || !flat.binders.every((b) => isBox(b, index))) return sum;
  const factors = factorsOf(flat, index, room);
  if (!factors || factors.length < 3) return sum;
  const kept = new Set(place.loops.map((b) => b.name));
  const sizeOf = (name: string): number => room.points(index.get(name)!);
  const found = cheapestPath(
    factors.map((f) => f.names),
    kept,
    sizeOf,
  );
  if (found?.path.kind !== "pair" || found.cost > worthwhile * workOf(sum, place.loops, room)) return sum;
  return written(found.path, true);

  /** What a step comes to: at the top a sum in the statement itself, else a tensor of its own. */
  function written(path: Path, isTop: boolean): Expression {
    if (path.kind === "factor") return partOf([factors![path.at]!], [path.at], isTop);
    const sides = [path.left, path.right].map((side): Factor => {
      const at = placesOf(side);
      const own = factors![at[0]!]!;
      if (side.kind === "factor" && !sumsAlone(side.at)) return own;
      const value = written(side, false);
      return { value, guards: [], names: namesAmong(freeNamesIn(value), index) };
    });
    return partOf(sides, placesOf(path), isTop);
  }
  function sumsAlone(at: number): boolean {
    return [...factors![at]!.names].some((name) => bound.has(name) && !isElsewhere(name, [at]));
  }
  function isElsewhere(name: string, at: readonly number[]): boolean {
    return factors!.some((f, i) => !at.includes(i) && f.names.has(name));
  }
  function partOf(sides: readonly Factor[], at: readonly number[], isTop: boolean): Expression {
    const names = new Set(sides.flatMap((s) => [...s.names]));
    const summed = flat.binders.filter(
      (b) =>
        names.has(b.name) && (isTop || !isElsewhere(b.name, at)) && sides.some((s) => s.names.has(b.name)),
    );
    const guard = build.and(...new Set(sides.flatMap((s) => s.guards)));
    const product = build.multiply(...sides.map((s) => s.value));
    const value =
      summed.length > 0
        ? build.reduction("sum", summed, product, guard, sum.at)
        : build.select(guard, product, build.zero);
    if (isTop) return value;
    const axes = loops.filter((b) => names.has(b.name) && !summed.includes(b));
    return room.define(value, axes, place.owner);
  }
}
const placesOf = (path: Path): readonly number[] =>
  path.kind === "factor" ? [path.at] : [...placesOf(path.left), ...placesOf(path.right)];

/** Multiply-adds of a sum as it is written, sums in it at each of its points. */
function workOf({ binders, body }: Reduction, loops: readonly Binder[], room: Room): number {
  const within = [...loops, ...binders];
  const points = within.reduce((product, b) => product * room.points(b), 1);
  const factors = body.kind === "multiply" ? body.factors : [body];
  const inner = factors.filter((f) => f.kind === "reduction");
  return inner.reduce(
    (total, f) => total + workOf(f, within, room),
    points * Math.max(1, factors.length - 1),
  );
}

/** From 0 to an extent that no index around it has to do with. */
const isBox = ({ lower, upper }: Binder, index: ReadonlyMap<string, Binder>): boolean =>
  integer.literal(lower) === 0 && !integer.someVariable(upper, (name) => index.has(name));
const namesAmong = (names: Iterable<string>, index: ReadonlyMap<string, unknown>): ReadonlySet<string> =>
  new Set([...names].filter((name) => index.has(name)));

/** Σ_j (Σ_d a·b)·c is Σ_jd a·b·c. */
function flattened(sum: Reduction): Reduction {
  const { body } = sum;
  const factors = body.kind === "multiply" ? body.factors : [body];
  const inner = factors.find((f) => f.kind === "reduction" && f.name === "sum");
  if (inner?.kind !== "reduction" || inner.binders.some((b) => sum.binders.some((o) => o.name === b.name)))
    return sum;
  const others = factors.filter((f) => f !== inner);
  // what stands beside the inner sum must not read an index of its own by that name
  if (others.some((f) => inner.binders.some((b) => freeNamesIn(f).has(b.name)))) return sum;
  return flattened({
    ...sum,
    binders: [...sum.binders, ...inner.binders],
    guard: build.and(sum.guard, inner.guard),
    body: build.multiply(...others, inner.body),
  });
}

/** The factors of a sum by their indices, each in bounds where it counts; undefined where they cannot be parted. */
function factorsOf(
  { body, guard }: Reduction,
  index: ReadonlyMap<string, Binder>,
  room: Room,
): readonly Factor[] | undefined {
  if (body.kind !== "multiply") return undefined;
  const guards = guard.kind === "truth" && guard.value ? [] : conjuncts(guard);
  const asked = guards.map((g) => namesAmong(freeNamesInCondition(g), index));
  const groups = new Map<string, { value: Expression[]; names: ReadonlySet<string> }>();
  for (const factor of body.factors) {
    const names = namesAmong(freeNamesIn(factor), index);
    const key = [...names].sort().join(" ");
    const group = groups.get(key) ?? { value: [], names };
    group.value.push(factor);
    groups.set(key, group);
  }
  const placed = new Set<Condition>();
  const factors = [...groups.values()].map(({ value, names }): Factor => {
    const own = guards.filter((_, i) => asked[i]!.size > 0 && [...asked[i]!].every((n) => names.has(n)));
    own.forEach((g) => placed.add(g));
    return { value: build.multiply(...value), guards: own, names };
  });
  if (guards.some((g) => !placed.has(g))) return undefined;
  const isSafe = ({ value, guards: own, names }: Factor): boolean => {
    const inside = factsInside(
      room.facts,
      [...index.values()].filter((b) => names.has(b.name)),
      build.and(...own),
    );
    const there = presence(value, { facts: inside, shapeOf: room.shapeOf });
    return there.kind === "truth" && there.value;
  };
  return factors.every(isSafe) ? factors : undefined;
}
