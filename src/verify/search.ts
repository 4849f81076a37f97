/**
 * Draws what the claims' cells ask for: sizes about and beyond the numbers that they are compared with, params of either
 * sign, equal values and values at which something is decided just so, solved for along lines. Candidates are tried in
 * float64, which is cheap; those that reach a cell, or where a claim is off, are proved.
 */
import { isSmooth, primitives, type FunctionName } from "../primitives/index.js";
import type { Condition } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import type { Layer } from "../notation/layer.js";
import { tensorsIn, tensorsInCondition, walk } from "../notation/traverse.js";
import { pointsOf, legality } from "../ranges/sample.js";
import { resolveSizes } from "../ranges/sizes.js";
import { Bench } from "./bench.js";
import type { Cell } from "./cells.js";
import { exactLayer, hasNoGradient } from "./claim-proof.js";
import type { ClaimVerdicts } from "./claim-verdicts.js";
import { landmarksOf, type Landmarks } from "./landmarks.js";
import { NoValue } from "./out-of-bounds.js";
import { isOrderly } from "./orderly.js";
import { nearSizes } from "./near.js";
import type { Random } from "./random.js";
import { rootsAlong } from "./roots.js";
import { eachSite, waysOf, type Place, type Sites, type Way } from "./sites.js";
import { smallSizes } from "./sizes.js";
import { evaluateTrial, type Sizes, type Values } from "./trial.js";

interface Subject {
  readonly layer: Layer;
  readonly gradientLayer: Layer;
}
/** Loop points of one candidate. */
const mostPoints = 40_000;
/** What the search may cost, as operations in float64: whatever the cells, and for the sake of cells. A proof costs more, and so does compiling. */
const [always, forCells] = [3e6, 24e6];
const costs = { compile: 6000, run: 300, proof: 40 };
/** Proofs in vain of a claim that float64 finds off: what overflows is off in many places. */
const mostAlarms = 6;
/** Points of sizes that are drawn for the sake of params and values. */
const few = 60;

export function searchCells(subject: Subject, claims: ClaimVerdicts, random: Random): void {
  if (!claims.areOpen()) return;
  const search = new Search(subject, claims, random);
  // whatever the cells: two formulas may part where two of their decisions meet
  for (const step of [search.values, search.lines, search.grids, search.params]) step();
  search.seekCells();
  // each step ends as soon as no cell is left
  const { values, params, sizes, near, ladders, others, lines, grids } = search;
  for (const step of [values, params, lines, grids, near, sizes, ladders, others])
    if (!search.isDone()) step();
  search.dismissSingular();
}

class Search {
  private readonly layer: Layer;
  private readonly gradientLayer: Layer;
  private readonly claims: ClaimVerdicts;
  private readonly random: Random;
  private readonly marks: Landmarks;
  /** Values that something is compared with: the marks, those of params, and roots that were found. */
  private readonly special = new Set<number>([0]);
  /** Whether anything goes by the values of tensors. */
  private readonly byValues: boolean;
  private readonly kinds: readonly Draw[];
  private readonly isLegal: (sizes: Sizes) => boolean;
  private left = always;
  private readonly reached = new Map<Place, Map<Way, Sizes[]>>();
  /** The ways that places went in anything that was tried. */
  private readonly met = new Map<Place, Set<Way>>();
  /** The ways that places went where all outputs and gradients were finite. */
  private readonly regular = new Map<Place, Set<Way>>();
  private readonly singularAt = new Map<Place, Map<Cell["way"], number>>();
  private readonly alarms = new Map<string, number>();
  /** Values at which something is decided just so. */
  private readonly roots = new Set<number>([0]);
  private seeking = false;
  private cells: readonly Cell[];

  constructor({ layer, gradientLayer }: Subject, claims: ClaimVerdicts, random: Random) {
    [this.layer, this.gradientLayer, this.claims, this.random] = [layer, gradientLayer, claims, random];
    this.marks = landmarksOf(exactLayer(layer));
    for (const value of this.marks.reals) this.special.add(value).add(-value);
    for (const { type, value } of layer.params) if (type === "real") this.special.add(value).add(-value);
    this.byValues = decidesByValues(exactLayer(layer));
    this.kinds = this.byValues ? kinds : [plain, far];
    this.isLegal = legality(layer, mostPoints);
    this.cells = claims.allCellsLeft();
  }

  /** From here on what is tried is tried for cells alone. */
  seekCells(): void {
    this.seeking = true;
    this.left = forCells;
    this.cells = this.claims.allCellsLeft();
  }
  isDone(): boolean {
    return (
      this.left <= 0 ||
      !this.claims.areOpen() ||
      (this.seeking && this.cells.length === 0 && this.claims.allSizesLeft().length === 0)
    );
  }

  /** Small sizes, values of every kind. */
  readonly values = (): void => {
    for (let turn = 0; turn < 6; turn++) this.tryKinds(smallSizes(this.layer, this.random, few));
  };

  /** Params of either sign, zero, above one, about the numbers of the text and far away, one or two at a time. */
  readonly params = (): void => {
    const values = this.layer.params.map((param) => ({
      name: param.name,
      values: this.valuesOfParam(param),
    }));
    for (const { name, values: own } of values)
      for (const value of own) {
        if (this.isDone()) return;
        this.tryKinds(smallSizes(this.layer, this.random, few, { [name]: value }));
      }
    for (const [i, a] of values.entries())
      for (const b of values.slice(i + 1))
        for (const x of a.values.slice(0, 2))
          for (const y of b.values.slice(0, 2)) {
            if (this.isDone()) return;
            this.tryKinds(smallSizes(this.layer, this.random, few, { [a.name]: x, [b.name]: y }));
          }
  };
  private valuesOfParam({ type, value }: Layer["params"][number]): readonly number[] {
    const { integers, reals } = this.marks;
    const whole = integers.filter((n) => n > 1 && n < 2000).flatMap((n) => [n, n + 1, n - 1, -n]);
    if (type === "integer") return [...new Set([0, -1, -2, 1, 2, 3, 4, 5, ...whole])];
    const about = reals.filter((r) => r < 1e4).flatMap((r) => [r, -r, 2 * r + 0.125, -2 * r - 0.125, r / 2]);
    return [...new Set([-value - 0.37, 0, -value, 1, -1, value + 1.5, 0.25, -2.5, 7.5, ...about])];
  }

  /** Sizes just below, at and beyond each number, one or two at a time, the others small; then integer params with them. */
  readonly sizes = (): void => {
    const { sizes: names } = this.layer;
    for (const { name, above } of this.claims.allSizesLeft())
      this.tryKinds(this.small({ [name]: above + 1 }));
    const numbers = this.marks.integers.filter((n) => n > 2);
    for (const n of numbers) {
      for (const name of names)
        for (const size of [n, n + 1, n + 2, n - 1, 2 * n + 1]) {
          if (this.isDone()) return;
          this.tryKinds(this.small({ [name]: size }));
        }
    }
    for (const n of numbers) {
      for (const [i, a] of names.entries())
        for (const b of names.slice(i + 1)) {
          if (this.isDone()) return;
          this.tryKinds(this.small({ [a]: n + 2, [b]: n + 2 }));
        }
    }
    for (const param of this.layer.params)
      for (const value of this.valuesOfParam(param).filter((v) => v > 2 && v < 500))
        for (const size of names) {
          if (this.isDone()) return;
          this.tryKinds(this.small({ [param.name]: value, [size]: 2 * Math.ceil(value) + 3 }));
        }
  };
  /** Legal sizes with some fixed, the others as small as a few draws make them. */
  private small(fixed: Sizes): Sizes | undefined {
    const ones = Object.fromEntries(this.layer.sizes.map((name) => [name, 1]));
    const usual = Object.fromEntries(this.layer.params.map((p) => [p.name, p.value]));
    for (const least of [2, 1]) {
      const plain = {
        ...Object.fromEntries(Object.keys(ones).map((name) => [name, least])),
        ...usual,
        ...fixed,
      };
      if (this.isLegal(plain)) return plain;
    }
    return smallSizes(this.layer, this.random, mostPoints, fixed);
  }

  /** Where sizes and params decide something, other sizes with those. */
  readonly others = (): void => {
    const seen = new Set<string>();
    for (const { within } of this.cells) {
      if (!within || this.isDone()) continue;
      for (const sizes of this.reached.get(within.site.place)?.get(within.way) ?? []) {
        const key = JSON.stringify(sizes);
        if (seen.has(key)) continue;
        seen.add(key);
        for (let turn = 0; turn < otherDraws; turn++) {
          if (this.isDone()) return;
          const kept = Object.entries(sizes).filter(([name]) => {
            const isParam = this.layer.params.some((p) => p.name === name);
            return this.random.uniform() < (isParam ? 0.8 : 0.5);
          });
          this.tryKinds(smallSizes(this.layer, this.random, 40 * few, Object.fromEntries(kept)));
        }
      }
    }
  };
  /** Remembers which ways places went, and at which sizes and params a place goes one way throughout. */
  private note(bench: Bench): void {
    for (const site of eachSite(bench.watch.sites())) {
      const met = this.met.get(site.place) ?? new Set<Way>();
      this.met.set(site.place, met);
      for (const way of waysOf(site)) met.add(way);
      if (this.claims.isThroughout(site.place))
        for (const way of waysOf(site)) {
          const ways = this.reached.get(site.place) ?? new Map<Way, Sizes[]>();
          this.reached.set(site.place, ways);
          const sizes = ways.get(way) ?? [];
          ways.set(way, sizes);
          if (sizes.length < mostRemembered && sizes.at(-1) !== bench.sizes) sizes.push(bench.sizes);
        }
    }
  }

  /** What a condition on sizes asks for, solved for: `P > 20` where P is derived. */
  readonly near = (): void => {
    const environment = (sizes: Sizes): ReadonlyMap<string, number> => {
      const resolved = resolveSizes(this.layer, sizes);
      return resolved.ok ? resolved.env : new Map(Object.entries(sizes));
    };
    const names = [
      ...this.layer.sizes,
      ...this.layer.params.flatMap((p) => (p.type === "integer" ? [p.name] : [])),
    ];
    for (const cell of this.cells) {
      const goal = goalOf(cell);
      if (!goal || this.isDone()) continue;
      for (let turn = 0; turn < 3; turn++) {
        const base = smallSizes(this.layer, this.random, few);
        if (!base) return;
        const cost = (sizes: Sizes): number => pointsOf(this.layer, new Map(environment(sizes)));
        const search = { names, bases: [base], environment, isLegal: this.isLegal, cost, most: mostPoints };
        this.tryKinds(nearSizes([goal], search));
      }
    }
  };

  /** Each size doubled as long as there is room; where a decision changes, the size at which it does. */
  readonly ladders = (): void => {
    for (const name of this.layer.sizes) {
      let before: { readonly size: number; readonly signs: ReadonlyMap<object, string> } | undefined;
      for (let size = 4; size <= 2 ** 13; size *= 2) {
        if (this.isDone()) return;
        const sizes = this.small({ [name]: size });
        if (!sizes) continue;
        const signs = this.signsAt(sizes);
        if (!signs) break;
        if (before && [...signs].some(([site, sign]) => before?.signs.get(site) !== sign)) {
          this.narrow(name, before.size, size);
          this.tryKinds(sizes);
        }
        before = { size, signs };
      }
    }
  };
  private narrow(name: string, from: number, to: number): void {
    let [low, high] = [from, to];
    const at = (size: number): string => {
      const sizes = this.small({ [name]: size });
      return sizes ? [...(this.signsAt(sizes)?.values() ?? [])].join("|") : "";
    };
    const start = at(low);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (at(middle) === start) low = middle;
      else high = middle;
    }
    for (const size of [high, high + 1, low]) this.tryKinds(this.small({ [name]: size }));
  }
  private signsAt(sizes: Sizes): ReadonlyMap<object, string> | undefined {
    const bench = this.benchOf(sizes);
    if (bench?.try(this.draw(bench, positive))?.isFinite !== true) return undefined;
    const wanted = new Set(this.cells.map(({ site }) => site.place));
    return new Map(
      eachSite(bench.watch.sites()).flatMap((site): [object, string][] =>
        typeof site.place === "object" && wanted.has(site.place)
          ? [[site.place, `${site.below}${site.at}${site.above}`]]
          : [],
      ),
    );
  }

  /** Along one element or one real param after the other: what is decided just so, and what lies between. */
  readonly lines = (): void => {
    if (!this.byValues) return;
    for (let turn = 0; turn < 4; turn++) {
      if (this.isDone()) return;
      const sizes = smallSizes(this.layer, this.random, few);
      const bench = sizes && this.benchOf(sizes);
      if (!bench) continue;
      const inputs = this.draw(bench, [zeros, short, plain, picked][turn] ?? short);
      for (const { tensor, length } of bench.slots) {
        if (tensor.type === "integer") continue;
        for (const at of new Set([0, length - 1])) {
          const along = (value: number): Values => withElement(inputs, tensor.name, at, value);
          const { roots, points, cost } = rootsAlong(bench, along);
          this.left -= cost;
          if (this.left <= 0) return;
          for (const root of roots) {
            // numbers of the formula rather than other elements
            if (turn === 0) this.roots.add(root);
            if (this.special.size < 60) this.special.add(root);
          }
          for (const value of [...roots, ...points]) this.tryValues(bench, along(value));
        }
      }
    }
    for (let turn = 0; turn < 4 && !this.isDone(); turn++)
      this.tryKinds(smallSizes(this.layer, this.random, few));
  };

  /** All values of a few elements among those that anything is compared with, those between them and those outside. */
  readonly grids = (): void => {
    if (!this.byValues) return;
    const pool = between(
      [...new Set([...this.roots, ...this.marks.reals.flatMap((r) => [r, -r])])].slice(0, mostPool),
    );
    let widest = 0;
    for (const least of [1, 2, 3]) {
      if (this.isDone()) return;
      const sizes = this.small(Object.fromEntries(this.layer.sizes.map((name) => [name, least])));
      const bench = sizes && this.benchOf(sizes);
      if (!bench) continue;
      const slots = bench.slots.filter(({ tensor }) => tensor.type === "real");
      const count = slots.reduce((sum, { length }) => sum + length, 0);
      const all = pool.length ** count;
      const whole = all <= mostGrid;
      for (let turn = 0; turn < Math.min(all, mostGrid); turn++) {
        let rest = turn;
        const next = (): number => {
          const at = whole ? rest % pool.length : this.random.integer(pool.length);
          rest = Math.floor(rest / pool.length);
          return pool[at] ?? 0;
        };
        this.tryValues(
          bench,
          this.draw(bench, () => next),
        );
      }
      if (whole) widest = Math.max(widest, count);
    }
    // whatever holds of up to three elements, about all numbers that they are compared with, holds of all
    if (widest > 1 || this.layer.sizes.length === 0)
      for (const cell of this.cells)
        if (
          typeof cell.way === "string" &&
          !this.met.get(cell.site.place)?.has(cell.way) &&
          isOrderly(cell.site, exactLayer(this.layer))
        )
          this.claims.exclude(cell.site, cell.way);
    this.cells = this.claims.allCellsLeft();
  };

  private benchOf(sizes: Sizes): Bench | undefined {
    const resolved = resolveSizes(this.layer, sizes);
    if (!resolved.ok || pointsOf(exactLayer(this.layer), resolved.env) > mostPoints) return undefined;
    this.left -= costs.compile;
    try {
      return new Bench(this.layer, this.gradientLayer, sizes, this.random);
    } catch (error) {
      if (error instanceof NoValue) return undefined;
      throw error;
    }
  }

  private tryKinds(sizes: Sizes | undefined): void {
    if (!sizes || this.isDone()) return;
    const bench = this.benchOf(sizes);
    if (!bench) return;
    for (const kind of this.kinds) if (!this.isDone()) this.tryValues(bench, this.draw(bench, kind));
  }

  /** Proves at these values if they reach a cell, or if a claim is off. */
  private tryValues(bench: Bench, inputs: Values): void {
    const tried = bench.try(inputs);
    const cost = costs.run + bench.watch.operations();
    this.left -= cost;
    this.note(bench);
    if (!tried) return;
    for (const tensor of tried.unknown) this.singular(bench, inputs, tensor);
    if (tried.isFinite && tried.unknown.length === 0)
      for (const site of eachSite(bench.watch.sites())) {
        const ways = this.regular.get(site.place) ?? new Set<Way>();
        this.regular.set(site.place, ways);
        for (const way of waysOf(site)) ways.add(way);
      }
    const open = [...tried.off].filter(
      (tensor) => !this.claims.refuted().has(tensor) && (this.alarms.get(tensor) ?? 0) < mostAlarms,
    );
    const larger = this.claims.allSizesLeft().some(({ name, above }) => (bench.sizes[name] ?? 0) > above);
    if (open.length === 0 && !larger && !this.reaches(bench)) return;
    this.left -= costs.proof * cost;
    const given = {
      ...{ sizes: bench.sizes, kind: "sought" as const, inputs, cotangents: bench.cotangents },
      ...{ distance: 0, operations: 0 },
    };
    this.claims.prove(evaluateTrial(this.layer, this.gradientLayer, given), this.random);
    for (const tensor of open) this.alarms.set(tensor, (this.alarms.get(tensor) ?? 0) + 1);
    this.cells = this.claims.allCellsLeft();
  }
  /** A cell in which the one element of a gradient is not finite, whatever else is drawn, is none of a claim's. */
  private singular(bench: Bench, inputs: Values, tensor: string): void {
    const sites = bench.watch.sites();
    const cells = this.claims
      .cellsLeft(tensor)
      .filter((cell) => typeof cell.way === "string" && isIn(cell, sites));
    if (cells.length === 0) return;
    const { sizes, cotangents } = bench;
    this.left -= costs.compile;
    if (!hasNoGradient(this.layer, this.gradientLayer, { sizes, inputs, cotangents }, tensor, this.random))
      return;
    for (const { site, way } of cells) {
      const times = this.singularAt.get(site.place) ?? new Map<Cell["way"], number>();
      this.singularAt.set(site.place, times);
      times.set(way, (times.get(way) ?? 0) + 1);
      if (typeof way === "string" && times.get(way) === enoughSingular)
        this.claims.dismiss(tensor, site, way);
    }
    this.cells = this.claims.allCellsLeft();
  }
  /** Fewer draws are enough where no other found the gradient finite. */
  dismissSingular(): void {
    for (const { tensor } of this.layer.claims)
      for (const { site, way } of this.claims.cellsLeft(tensor)) {
        const isSingular = this.singularAt.get(site.place)?.has(way) ?? false;
        if (typeof way === "string" && isSingular && !this.regular.get(site.place)?.has(way))
          this.claims.dismiss(tensor, site, way);
      }
  }

  private reaches(bench: Bench): boolean {
    const sites = bench.watch.sites();
    return this.cells.some((cell) => isIn(cell, sites) && (!cell.within || isIn(cell.within, sites)));
  }

  private draw(bench: Bench, kind: Draw): Values {
    const next = kind(this.random, between([...this.special]));
    const index = this.random.integer(4);
    return new Map(
      bench.slots.map(({ tensor, length, bound }) => {
        const equal = this.random.integer(bound);
        const element = (): number =>
          index === 0 ? bound - 1 : index === 1 ? 0 : index === 2 ? equal : this.random.integer(bound);
        return [tensor.name, Array.from({ length }, tensor.type === "integer" ? element : next)];
      }),
    );
  }
}
/** Draws of a cell in which the gradient is not finite. */
const enoughSingular = 3;
const [otherDraws, mostRemembered] = [12, 3];
/** Points of a grid at most. */
const [mostGrid, mostPool] = [1000, 24];

/** What a cell of sizes and params asks of them. */
function goalOf({ site: { place }, way }: Cell): Condition | undefined {
  if (typeof place === "string" || !("kind" in place) || typeof way === "number") return undefined;
  const value =
    place.kind === "min" || place.kind === "max"
      ? integer.minus(place.left, place.right)
      : place.kind === "nonnegative" || place.kind === "zero"
        ? place.value
        : undefined;
  if (!value || integer.holdsElement(value)) return undefined;
  if (way === "at") return { kind: "zero", value };
  const side = way === "above" ? value : integer.negate(value);
  return { kind: "nonnegative", value: integer.minus(side, integer.one) };
}

/** Whether an evaluation went that way. */
function isIn({ site: { kind, place }, way }: Pick<Cell, "site" | "way">, sites: Sites): boolean {
  const site = sites.get(kind)?.get(place);
  if (!site) return kind === "factor";
  if (typeof way === "number") return site.remainders.has(way);
  if (kind === "division" && way !== "at")
    return way === "above" ? site.above : site.quotients.size > 1 || !site.quotients.has(0);
  return site[way];
}

/** How the elements of all tensors are drawn. */
type Draw = (random: Random, special: readonly number[]) => () => number;
const any = (random: Random, from: readonly number[]): number => from[random.integer(from.length)] ?? 0;
const plain: Draw = (random) => () => Math.fround(random.normal());
const positive: Draw = (random) => () => Math.fround(0.25 + Math.abs(random.normal()));
const negative: Draw = (random) => () => -Math.fround(0.25 + Math.abs(random.normal()));
const zeros: Draw = () => () => 0;
const equal: Draw = (random, special) => {
  const value = any(random, [...special, 0.5, -1.25]);
  return () => value;
};
/** One of the special numbers each, or some of them among others. */
const picked: Draw = (random, special) => () => any(random, special);
const mixed: Draw = (random, special) => () =>
  random.uniform() < 0.4 ? any(random, special) : Math.fround(random.normal());
const far: Draw = (random) => () => Math.fround(40 * random.normal());
const short: Draw = (random) => () => any(random, [1, 2, -1, 0.5, 3, -2, 4]);
const kinds: readonly Draw[] = [plain, positive, negative, equal, picked, mixed, short, far];

/** The numbers, one between each two neighbours, and one beyond either end. */
function between(numbers: readonly number[]): readonly number[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
  return [
    first - 1,
    ...sorted.flatMap((value, i) => {
      const next = sorted[i + 1];
      return next === undefined || next === value ? [value] : [value, (value + next) / 2];
    }),
    last + 1,
  ];
}
function withElement(values: Values, name: string, at: number, value: number): Values {
  const changed = Array.from(values.get(name) ?? []);
  changed[at] = value;
  return new Map([...values]).set(name, changed);
}

/** Whether anything in a layer and its claims goes by the values of tensors. */
const decidesByValues = (layer: Layer): boolean =>
  layer.statements.some(({ body }) => {
    let decides = false;
    walk(body, {
      expression: (e) => {
        if (e.kind === "call") decides ||= goesByValue(e.name) && tensorsIn(e).size > 0;
        if (e.kind === "reduction") decides ||= /max|min/u.test(e.name);
      },
      condition: (c) => {
        decides ||= c.kind === "compare" && tensorsInCondition(c).size > 0;
      },
      int: (value) => {
        decides ||= integer.holdsElement(value);
      },
    });
    return decides;
  });
const goesByValue = (name: FunctionName): boolean => !isSmooth(name) || primitives[name].poles.length > 0;
