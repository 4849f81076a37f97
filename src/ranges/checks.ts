/** What a plan checks of its sizes beyond names and integers, and which of it can be told when the layer is built. */
import type { Problem } from "../language/problem.js";
import { isZero, nonNegative } from "../notation/construct.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Int } from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import { namesInCondition } from "../notation/traverse.js";
import { visitAccesses, type Division } from "./accesses.js";
import { factsInside, layerFacts, positiveIn } from "./facts.js";
import { proves } from "./prove.js";
import { sampleSizes } from "./sample.js";
import { contradiction, resolveSizes, rootsOf, valuesOf, type Environment } from "./sizes.js";
import { printCondition, printInt } from "../language/print.js";
import {
  checkBounds,
  computedReads,
  unprovedBounds,
  type BoundsCheck,
  type BoundsFailure,
  type PlacedCheck,
} from "./unproved.js";

export { checkBounds, type BoundsCheck, type BoundsFailure } from "./unproved.js";

/** Checked when the plan is made, in order, after sizes and params have been checked to be integers (reals). */
export type PlanCheck =
  { readonly kind: "condition"; readonly condition: Condition; readonly message: string } | BoundsCheck;

/**
 * The checks that the reads and the extents of a layer need when a plan is made, and the problems that are
 * certain already: a read that is out of bounds for every one of a handful of legal sizes.
 */
export function boundsChecks(layer: Layer): { checks: PlanCheck[]; problems: Problem[] } {
  const placed = unprovedBounds(layer);
  const judged = [...placed, ...unprovedBounds(layer, [...layer.claimHelpers, ...layer.claims])];
  const samples = judged.length > 0 ? handfulOfSizes(layer) : [];
  const problems = [
    ...unevenDivisions(layer),
    ...computedOutside(layer),
    ...judged.flatMap((check) => problemOf(layer, check, samples)),
  ];
  const bounds = placed.map(({ at: _, ...check }): BoundsCheck => check);
  return { checks: [...extentChecks(layer), ...bounds], problems };
}

/** Reads outside reductions at subscripts computed from data, neither padded nor clamped. */
function computedOutside(layer: Layer): readonly Problem[] {
  const found = new Map<string, Problem>();
  for (const { text, tensor, axis, subscript, extent, at } of computedReads(layer, [
    ...layer.statements,
    ...layer.claimHelpers,
    ...layer.claims,
  ])) {
    const last = printInt(integer.minus(extent, integer.one));
    found.set(`${at?.start} ${text}`, {
      code: "computed-outside",
      message:
        `${text} may lie outside ${tensor}: its axis ${axis} has extent ${printInt(extent)}, and ` +
        `${printInt(subscript)} is computed from data; outside a reduction what is read must always be there`,
      span: at ?? { start: 0, end: 0 },
      hint: `pad it: pad(${text}, 0), or clamp the subscript: min(max(${printInt(subscript)}, 0), ${last})`,
    });
  }
  return [...found.values()];
}

/** Sizes that `check` and `variant` lines give though no plan can be made for them. */
export function illegalSizes(layer: Layer): readonly Problem[] {
  const bounds = unprovedBounds(layer);
  return [...layer.checks, ...layer.variants].flatMap(({ values, at }) => {
    const resolved = resolveSizes(layer, values);
    const failing = resolved.ok ? bounds.find((check) => checkBounds(check, resolved.env)) : undefined;
    const failure = resolved.ok && failing && checkBounds(failing, resolved.env);
    const message = failure
      ? describeFailure(layer, failing, failure, resolved.env)
      : contradiction(layer, values);
    return message === undefined
      ? []
      : [{ code: failure ? "out-of-bounds" : "illegal-sizes", message, span: at ?? { start: 0, end: 0 } }];
  });
}

/** Divisions outside reductions that need not come out even: what is read there must always exist. */
function unevenDivisions(layer: Layer): readonly Problem[] {
  const facts = layerFacts(layer);
  // by their messages: the same division in two places is one mistake
  const found = new Map<string, Problem>();
  const division = ({ numerator, denominator, scope, given, place, at }: Division): void => {
    if (place !== "outside") return;
    const inside = factsInside(facts, scope, given);
    const remainder = integer.modulo(numerator, denominator);
    const even = isZero(remainder);
    // never negative, and at most 0
    const stated = inside.known.some((k) => integer.equal(k, integer.negate(remainder)));
    if (stated || proves(inside, even)) return;
    const varies = (v: Int): boolean => scope.some((index) => integer.mentions(v, index.name));
    const fixed = ![numerator, denominator].some((v) => varies(v) || integer.holdsElement(v));
    const [a, b] = [numerator, denominator].map((part) => printInt(part));
    const message = `the division of ${a} by ${b} need not come out even, and outside a reduction what is read must always exist`;
    if (found.has(message)) return;
    found.set(message, {
      code: "exact-outside",
      message,
      span: at ?? { start: 0, end: 0 },
      hint:
        `write ${printInt(integer.floorDivide(numerator, denominator))}` +
        (fixed ? `, or state that it comes out even: require ${printCondition(even)}` : ""),
    });
  };
  for (const statement of [...layer.statements, ...layer.claimHelpers, ...layer.claims])
    visitAccesses(statement, { division });
  return [...found.values()];
}

/** Extents of tensors that were inferred (`N - R + 1`) and may be below 1. */
function extentChecks(layer: Layer): readonly PlanCheck[] {
  const facts = layerFacts({ ...layer, tensors: [] });
  return layer.tensors.flatMap(({ name, shape }) =>
    shape.flatMap((extent, axis): readonly PlanCheck[] => {
      const condition = nonNegative(integer.minus(extent, integer.one), positiveIn(facts));
      if (positiveIn(facts)(extent) || proves(facts, condition)) return [];
      const message = `axis ${axis} of ${name} has extent ${printInt(extent)}, which must be at least 1`;
      return [{ kind: "condition", condition, message }];
    }),
  );
}

/** The layer's check lines and a few draws; the same ones every time. */
function handfulOfSizes(layer: Layer): readonly Environment[] {
  let state = 1;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const drawn = Array.from({ length: 6 }, () => {
    try {
      return sampleSizes(layer, random, { budget: 4000, inBounds: false });
    } catch {
      return undefined; // no legal sizes found: nothing is certain
    }
  });
  return [...layer.checks.map((c) => c.values), ...drawn].flatMap((sizes) => {
    const resolved = sizes && resolveSizes(layer, sizes);
    return resolved?.ok ? [resolved.env] : [];
  });
}

function problemOf(layer: Layer, check: PlacedCheck, samples: readonly Environment[]): readonly Problem[] {
  const failures = samples.map((env) => checkBounds(check, env));
  if (failures.includes(undefined)) return [];
  // a case with no size of 1 says more
  const larger = samples.findIndex((env) => layer.sizes.every((name) => (env.get(name) ?? 0) > 1));
  const [env, failure] = [samples[Math.max(0, larger)], failures[Math.max(0, larger)]];
  if (!env || !failure) return [];
  return [
    {
      code: "out-of-bounds",
      message: describeFailure(layer, check, failure, env),
      span: check.at ?? { start: 0, end: 0 },
      hint: `read ${check.tensor} inside its bounds, pad it: pad(${check.text}, 0), or use where(…) on the index`,
    },
  ];
}

/** `x[i + 1] reads x[5] at i = 4 when N = 5: axis 0 of x has extent N = 5` */
export function describeFailure(
  layer: Layer,
  check: BoundsCheck,
  failure: BoundsFailure,
  env: Environment,
): string {
  const { text, tensor, axis, subscript, extent, given } = check;
  const names = integer.variablesOf(extent, integer.variablesOf(subscript, namesInCondition(given)));
  const sizes = rootsOf(layer, [
    ...names,
    ...check.indices.flatMap((i) => [...integer.variablesOf(i.extent)]),
  ]);
  const labels = new Map(check.indices.map((i) => [i.name, i.label ?? i.name]));
  const point = [...failure.point]
    .map(([name, value]) => `${labels.get(name) ?? name} = ${value}`)
    .join(", ");
  const rank = layer.tensors.find((t) => t.name === tensor)?.shape.length ?? 1;
  const what =
    rank === 1 ? `${tensor}[${failure.value}]` : `position ${failure.value} of axis ${axis} of ${tensor}`;
  const size =
    integer.literal(extent) === undefined ? `${printInt(extent)} = ${failure.extent}` : failure.extent;
  return (
    `${text} reads ${what}` +
    (point ? ` at ${point}` : "") +
    (sizes.length > 0 ? ` when ${valuesOf(sizes, env)}` : "") +
    `: axis ${axis} of ${tensor} has extent ${size}`
  );
}
