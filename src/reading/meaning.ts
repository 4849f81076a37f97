/**
 * Formulas → values. Where the signs leave a choice (a dot between two matrices), all readings that the shapes allow are
 * given, the likelier first; the shape that the left side asks for decides.
 */
import { derivativeOf } from "./chain-rule.js";
import type { Formula, Symbol_ } from "./formula.js";
import { functionOf, isFunctionName } from "./functions.js";
import { isTransposition, named } from "./names.js";
import { bindAll, integer, type Scope } from "./scope.js";
import { slope, sumOver } from "./derivative.js";
import { isLoss } from "./survey.js";
import {
  call,
  minus,
  name,
  negative,
  num,
  over,
  plus,
  power,
  print,
  times,
  where,
  zero,
  type Bound,
  type Comparison,
  type Term,
} from "./term.js";
import { statistic } from "./statistics.js";
import { accessOf, elementOf, gradientOf, squareOf, symbolValues, valueOf } from "./tensors.js";
import { Unreadable } from "./unreadable.js";
import {
  anonymous,
  chain,
  correlation,
  elementwise,
  mapped,
  matrixProduct,
  printShape,
  sameShape,
  scalar,
  summed,
  transpose,
  type Fits,
  type Value,
} from "./value.js";

/** All readings of a formula. `wanted` is the shape that is asked for, where it is known. */
export function meanings(formula: Formula, scope: Scope, wanted?: readonly Term[]): readonly Value[] {
  const inner = (part: Formula, shape?: readonly Term[]): readonly Value[] => meanings(part, scope, shape);
  switch (formula.kind) {
    case "number":
      return [scalar(num(formula.value))];
    case "symbol":
    case "application":
      return nameMeanings(formula, scope, wanted);
    case "negative":
      return inner(formula.of, wanted).map((value) => mapped(value, negative));
    case "sum":
      return pairs(
        inner(formula.left, wanted),
        inner(formula.right, wanted),
        (a, b, fits) => [
          elementwise(a, b, formula.sign === "+" ? plus : minus, fits) ?? biasOfMaps(formula, a, b, scope),
        ],
        formula.at,
        "cannot be added",
        scope,
      );
    case "product":
      return products(formula, scope, wanted);
    case "quotient":
      return pairs(
        inner(formula.left),
        inner(formula.right),
        (a, b) => [elementwise(a, b, over)],
        formula.at,
        "cannot be divided",
      );
    case "power":
      return powers(formula, scope);
    case "root":
      return inner(formula.of).map((value) => mapped(value, (term) => call("sqrt", term)));
    case "floor":
    case "ceil":
      return [scalar(integer(formula, scope))];
    case "reduction": {
      const { bounds, inner: bodyScope } = bindAll(formula.binders, scope);
      return meanings(formula.body, bodyScope).map((value) =>
        mapped(value, (body) =>
          formula.op === "sum"
            ? nested(bounds, body)
            : { kind: "reduce", op: formula.op, binders: bounds, body },
        ),
      );
    }
    case "partial":
      if (isLoss(formula.of, scope.context.survey)) return gradientOf(formula.by, scope);
      return [derivativeOf(formula.of, formula.by, scope)];
    case "differential": {
      const { of } = formula;
      const slope_ =
        of.kind === "application" && slopeOf({ ...of.of, primes: of.of.primes + 1 }, of.arguments, scope);
      return slope_ || gradientOf(of, scope);
    }
    case "inner":
      return pairs(
        inner(formula.left),
        inner(formula.right),
        (a, b) => {
          const both = elementwise(a, b, times);
          return [both && scalar(summed(both.shape, both.at))];
        },
        formula.at,
        "have no inner product",
      );
    case "element":
      return inner(formula.of).flatMap((value) => elementOf(value, formula.subs, scope, formula.at) ?? []);
    case "cases":
      return casesOf(formula, scope);
    case "comparison":
      // an indicator: [i = j]
      return [scalar(where(conditionsOf(formula, scope), num(1)))];
    case "tuple":
    case "slice":
    case "text":
      throw new Unreadable("this has no value", formula.at);
  }
}

/** Σ_i Σ_j is one sum over both. */
const nested = (bounds: readonly Bound[], body: Term): Term =>
  body.kind === "reduce" && body.op === "sum"
    ? sumOver([...bounds, ...body.binders], body.body)
    : sumOver(bounds, body);

type Combine = (a: Value, b: Value, fits: Fits) => readonly (Value | undefined)[];

/** Every left reading with every right one. Made-up sizes of a definition give way only where nothing fits without. */
function pairs(
  lefts: readonly Value[],
  rights: readonly Value[],
  combine: Combine,
  at: number,
  says: string,
  scope?: Scope,
): readonly Value[] {
  const all = lefts.flatMap((a) => rights.map((b) => [a, b] as const));
  const context = scope?.context;
  const settled: Fits = context
    ? (a, b) => sameShape([context.settled(a)], [context.settled(b)])
    : (a, b) => sameShape([a], [b]);
  const found = all.flatMap(([a, b]) => combine(a, b, settled)).filter((value) => value !== undefined);
  if (found.length > 0) return found;
  if (context && scope.introduces)
    for (const [a, b] of all) {
      const made = combine(a, b, (x, y) => context.fits(x, y)).find((value) => value !== undefined);
      if (made) return [made];
    }
  throw new Unreadable(
    `${printShape(lefts[0]?.shape ?? [])} and ${printShape(rights[0]?.shape ?? [])} ${says}`,
    at,
  );
}

function products(
  formula: Formula & { kind: "product" },
  scope: Scope,
  wanted?: readonly Term[],
): readonly Value[] {
  const { sign, at } = formula;
  const star = sign === "*" || sign === "⊛" || sign === "⋆";
  const lefts = meanings(formula.left, scope);
  const rights = meanings(formula.right, scope);
  return pairs(
    lefts,
    rights,
    (a, b, fits) => {
      const scaled = a.shape.length === 0 || b.shape.length === 0;
      const each = elementwise(a, b, times);
      if (sign === "⊙") return [elementwise(a, b, times, fits)];
      if (each && (a.implied === true || b.implied === true) && a.shape.length === 1 && b.shape.length === 1)
        return [each];
      // an empty chain: ∂L/∂y_i ∂y_i/∂w_j of numbers
      if (b.of !== undefined && !(scaled && b.of === 0)) return [chain(a, b)];
      if (a.of !== undefined && !scaled) return [undefined];
      if (scaled) return [each && { ...each, row: a.row ?? b.row ?? false }];
      const plain =
        star && scope.context.starConvolves ? mapsConvolved(formula, a, b, scope, wanted) : undefined;
      if (plain) return [plain];
      const convolved =
        star && wanted
          ? [correlation(a, b, wanted), sign === "*" ? undefined : correlation(b, a, wanted)]
          : [];
      if (sign === "⊛" || sign === "⋆") return convolved;
      return [...convolved, matrixProduct(a, b, star ? undefined : fits), each];
    },
    at,
    "cannot be multiplied",
    scope,
  );
}

/** `Z = K * X` where the document says that * is a convolution and no shape is given: maps of two axes, no channels. */
function mapsConvolved(
  formula: Formula & { kind: "product" },
  a: Value,
  b: Value,
  scope: Scope,
  wanted?: readonly Term[],
): Value | undefined {
  const { context, introduces } = scope;
  const open = [...a.shape, ...b.shape].every((extent) => context.isInvented(extent));
  if (!introduces || !open || a.shape.length !== 2 || b.shape.length !== 2) return undefined;
  const first = formula.left.kind === "symbol" && /^[WKFk]$/u.test(formula.left.letter);
  const [kernel, map] = first ? [a, b] : [b, a];
  scope.notes.add("the shapes are not given: read as maps of two axes without channels");
  const shape = wanted?.length === 2 ? wanted : map.shape.map((_, axis) => context.invent(`P_${axis}`));
  return {
    shape,
    at: (place) =>
      summed(kernel.shape, (tap) => times(kernel.at(tap), map.at(place.map((p, i) => plus(p, tap[i]!))))),
  };
}

/** `Z = X * K + b` of maps: one number of b for each channel. */
function biasOfMaps(formula: Formula & { kind: "sum" }, a: Value, b: Value, scope: Scope): Value | undefined {
  const { left, right } = formula;
  const star = left.kind === "product" && ["*", "⊛", "⋆"].includes(left.sign);
  const channels = a.shape[1] && b.shape[0] && sameShape([a.shape[1]], b.shape);
  if (!(star || channels) || right.kind !== "symbol" || a.shape.length < 3 || b.shape.length !== 1)
    return undefined;
  const { context, at } = scope;
  const { name: text } = accessOf(right, scope).tensor;
  scope.notes.add(`${text} is read as one number for each channel`);
  const shape = [a.shape[1]!];
  const known = context.tensorsOf(text, at).find((tensor) => sameShape(tensor.shape, shape));
  const { id: tensor } = known ?? context.declare({ name: text, shape, weight: true, at, declared: true });
  return { shape: a.shape, at: (place) => plus(a.at(place), { kind: "read", tensor, subs: [place[1]!] }) };
}

function nameMeanings(
  formula: Symbol_ | (Formula & { kind: "application" }),
  scope: Scope,
  wanted?: readonly Term[],
): readonly Value[] {
  if (formula.kind === "symbol") {
    if (formula.letter === "e" && formula.sup && !formula.subs)
      return meanings(formula.sup, scope).map((value) => mapped(value, (term) => call("exp", term)));
    return symbolValues(formula, undefined, scope, wanted);
  }
  const { of, arguments: list, at } = formula;
  // p_i (a + b)
  const element = named(of, scope.context.survey.layerLetters)?.subs !== undefined && list.length === 1;
  if (element && !isFunctionName({ ...of, subs: undefined }) && !functionOf(formula, scope))
    return meanings({ kind: "product", sign: "", left: of, right: list[0]!, at }, scope, wanted);
  const defined = functionOf(formula, scope);
  if (defined) {
    const inner: Scope = { ...scope, indices: new Map([...scope.indices, ...defined.values]) };
    return meanings(defined.body, inner);
  }
  const slope = slopeOf(of, list, scope);
  if (slope) return slope;
  const statistical = statistic(formula, scope);
  if (statistical) return [statistical];
  if (isFunctionName(of)) return callOf(of, list, scope, at, wanted);
  const read = symbolValues(of, list, scope, wanted);
  if (read.length > 0) return read;
  const [only, ...rest] = list;
  if (only && rest.length === 0 && isActivation(of, scope))
    return activation(of, only, (term) => call("tanh", term), scope);
  const scalarLike =
    only && rest.length === 0 && of.letter.length === 1
      ? tryAll(() => symbolValues(of, undefined, scope))
      : undefined;
  if (!scalarLike || !only)
    throw new Unreadable(`${of.letter} is a function that the document does not define by a formula`, at);
  return meanings({ kind: "product", sign: "", left: of, right: only, at }, scope, wanted);
}
function tryAll(read: () => readonly Value[]): readonly Value[] | undefined {
  try {
    const found = read();
    return found.length > 0 ? found : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

const pointwise: Readonly<Record<string, string>> = {
  exp: "exp", log: "log", ln: "log", sqrt: "sqrt", tanh: "tanh", sigmoid: "sigmoid", σ: "sigmoid", relu: "relu", ReLU: "relu",
  softplus: "softplus", sin: "sin", cos: "cos", sinh: "sinh", cosh: "cosh", abs: "abs", gelu: "gelu", GELU: "gelu", erf: "erf",
}; // prettier-ignore
const matrixWords = new Set(["BatchMatMul", "batchmatmul", "bmm", "matmul", "MatMul", "mm", "dot"]);

function callOf(
  of: Symbol_,
  list: readonly Formula[],
  scope: Scope,
  at: number,
  wanted?: readonly Term[],
): readonly Value[] {
  const { letter } = of;
  const [first, second] = list;
  if (!first) throw new Unreadable(`${letter} of nothing`, at);
  if (letter === "einsum" && first.kind === "text") return einsum(first.text, list.slice(1), scope, at);
  const fn = pointwise[letter];
  if (fn !== undefined && list.length === 1) {
    if (letter === "σ") scope.notes.add("σ is read as the logistic function");
    return meanings(first, scope).map((value) => mapped(value, (term) => call(fn, term)));
  }
  const axis = of.marks.includes("method");
  if ((letter === "max" || letter === "min") && second && !axis)
    return pairs(
      meanings(first, scope),
      meanings(second, scope),
      (a, b) => [elementwise(a, b, (x, y) => call(letter, x, y))],
      at,
      "cannot be compared",
    );
  if (matrixWords.has(letter) && second)
    return pairs(
      meanings(first, scope),
      meanings(second, scope),
      (a, b) => [matrixProduct(a, b) ?? byNames(a, b, wanted, scope)],
      at,
      "do not fit as matrices",
    );
  if (["max", "min", "sum", "mean"].includes(letter) && second)
    return meanings(first, scope).map((value) => reducedAxis(letter, value, second));
  if (letter === "softmax") return meanings(first, scope).map((value) => softmax(value, at));
  throw new Unreadable(`${letter} is not understood with these arguments`, at);
}
const activationLetters = /^(?:[fgh\u03c6\u03d5\u03c8]|act[\w-]*)$/u;
/** A function that the document applies to tensors and does not define: what holds for any is tried with one. */
const isActivation = ({ letter, subs, sup }: Symbol_, { context }: Scope): boolean =>
  activationLetters.test(letter) &&
  !subs &&
  (!sup || sup.kind === "symbol") &&
  !context.tensors.some(({ name: text }) => text === letter);
function activation(
  of: Symbol_,
  argument: Formula,
  change: (term: Term) => Term,
  scope: Scope,
): readonly Value[] {
  scope.notes.add(`${of.letter} is read as tanh, one of the functions it may be`);
  return meanings(argument, scope).map((value) => mapped(value, change));
}
/** `σ'(z)`, `f'(z)` */
function slopeOf(of: Symbol_, list: readonly Formula[], scope: Scope): readonly Value[] | undefined {
  const [only, ...rest] = list;
  if (of.primes !== 1 || !only || rest.length > 0) return undefined;
  const plain: Symbol_ = { ...of, primes: 0 };
  const fn = isFunctionName(plain) ? pointwise[of.letter] : undefined;
  if (fn === undefined && !isActivation(plain, scope)) return undefined;
  const change = (term: Term): Term => {
    const found = slope(fn ?? "tanh", term);
    if (!found) throw new Unreadable(`the derivative of ${of.letter} is not worked out here`, of.at);
    return found;
  };
  if (fn === undefined) return activation(plain, only, change, scope);
  if (of.letter === "σ") scope.notes.add("σ is read as the logistic function");
  return meanings(only, scope).map((value) => mapped(value, change));
}

/** `einsum("nk,km->nm", x, W)`: the sum over every letter that the result lacks. */
function einsum(text: string, operands: readonly Formula[], scope: Scope, at: number): readonly Value[] {
  const [inputs = "", output = ""] = text.split("->");
  const letters = inputs.split(",");
  const values = operands.map((operand) => meanings(operand, scope)[0]!);
  const fit =
    letters.length === values.length && letters.every((own, i) => own.length === values[i]!.shape.length);
  if (!fit) throw new Unreadable(`the letters of ${text} are not the axes of its operands`, at);
  const extents = new Map<string, Term>();
  values.forEach(({ shape }, i) =>
    shape.forEach((extent, axis) => {
      const letter = letters[i]![axis]!;
      const known = extents.get(letter);
      if (known && !sameShape([known], [extent]))
        throw new Unreadable(`${letter} of ${text} stands for two sizes`, at);
      extents.set(letter, extent);
    }),
  );
  const outer = [...output];
  if (outer.some((letter) => !extents.has(letter)) || new Set(outer).size < outer.length)
    throw new Unreadable(`the result of ${text} is not understood`, at);
  const inner = [...extents.keys()].filter((letter) => !outer.includes(letter));
  const of = (own: readonly string[]): readonly Term[] => own.map((letter) => extents.get(letter)!);
  return [
    {
      shape: of(outer),
      at: (place) =>
        summed(of(inner), (taps) => {
          const where_ = new Map([
            ...outer.map((letter, i) => [letter, place[i]!] as const),
            ...inner.map((letter, i) => [letter, taps[i]!] as const),
          ]);
          return values
            .map((value, i) => value.at([...letters[i]!].map((letter) => where_.get(letter)!)))
            .reduce(times);
        }),
    },
  ];
}

/** `x.max(-1)` */
function reducedAxis(op: string, value: Value, axis: Formula): Value {
  const number =
    axis.kind === "negative" && axis.of.kind === "number"
      ? -axis.of.value
      : axis.kind === "number"
        ? axis.value
        : NaN;
  const at = number < 0 ? value.shape.length + number : number;
  const extent = value.shape[at];
  if (!extent) throw new Unreadable("this is no axis", axis.at);
  return {
    shape: value.shape.filter((_, i) => i !== at),
    at: (place) => {
      const index = anonymous();
      return {
        kind: "reduce",
        op,
        binders: [{ name: index, below: extent }],
        body: value.at([...place.slice(0, at), name(index), ...place.slice(at)]),
      };
    },
  };
}

/**
 * A product of factors that do not fit as matrices in the order written, in a definition whose result has a declared
 * shape: the axis of the size that both have and the result lacks is summed.
 */
function byNames(a: Value, b: Value, wanted: readonly Term[] | undefined, scope: Scope): Value | undefined {
  if (!wanted || !scope.introduces) return undefined;
  const [left, right, result] = [a.shape, b.shape, wanted].map((shape) =>
    shape.map((extent) => print(extent)),
  );
  const distinct = [left!, right!, result!].every((list) => new Set(list).size === list.length);
  const common = left!.filter((extent) => right!.includes(extent) && !result!.includes(extent));
  const whole = [...left!, ...right!].every((extent) => result!.includes(extent) || common.includes(extent));
  if (
    !distinct ||
    common.length !== 1 ||
    !whole ||
    !result!.every((extent) => left!.includes(extent) || right!.includes(extent))
  )
    return undefined;
  scope.notes.add("read by the shapes: as matrices the factors do not fit in this order");
  const extent = a.shape[left!.indexOf(common[0]!)]!;
  const pick = (list: readonly string[], place: readonly Term[], k: Term): readonly Term[] =>
    list.map((one) => (one === common[0] ? k : place[result!.indexOf(one)]!));
  return {
    shape: wanted,
    at: (place) =>
      summed([extent], ([k]) => times(a.at(pick(left!, place, k!)), b.at(pick(right!, place, k!)))),
  };
}

function softmax(value: Value, at: number): Value {
  const last = value.shape.at(-1);
  if (!last) throw new Unreadable("a softmax of one number", at);
  const exponential = (place: readonly Term[]): Term => call("exp", value.at(place));
  return {
    ...value,
    at: (place) =>
      over(
        exponential(place),
        summed([last], (k) => exponential([...place.slice(0, -1), ...k])),
      ),
  };
}

function powers(formula: Formula & { kind: "power" }, scope: Scope): readonly Value[] {
  const { base, exponent, at } = formula;
  if (squareOf(formula, scope.context))
    return [
      valueOf(accessOf(formula, scope), scope, ({ id: tensor }, subs) => ({ kind: "read", tensor, subs })),
    ];
  const values = meanings(base, scope);
  if (isTransposition(exponent))
    return values.map((value) => {
      const turned = transpose(value);
      if (!turned || value.of !== undefined) throw new Unreadable("this cannot be transposed", at);
      return turned;
    });
  return pairs(
    values,
    meanings(exponent, scope),
    (a, b) => [b.shape.length === 0 ? elementwise(a, b, power) : undefined],
    at,
    "make no power",
  );
}

function casesOf(formula: Formula & { kind: "cases" }, scope: Scope): readonly Value[] {
  return formula.rows.reduceRight<readonly Value[]>(
    (otherwise, [value, condition]) => {
      const yes = meanings(value, scope);
      if (!condition) return yes;
      if (condition.kind !== "comparison") throw new Unreadable("this is no condition", condition.at);
      const conditions = conditionsOf(condition, scope);
      return pairs(
        yes,
        otherwise,
        (a, b) => [elementwise(a, b, (x, y) => where(conditions, x, y))],
        formula.at,
        "cannot be chosen between",
      );
    },
    [scalar(zero)],
  );
}
const comparisons: Readonly<Record<string, Comparison["op"]>> = {
  "=": "==",
  "≠": "!=",
  "<": "<",
  ">": ">",
  "≤": "<=",
  "≥": ">=",
};

/** `a ≤ i < b`, `(i, j) ∈ [a, b] × [c, d]` */
function conditionsOf(formula: Formula & { kind: "comparison" }, scope: Scope): readonly Comparison[] {
  return formula.relations.flatMap((relation, k): readonly Comparison[] => {
    const left = formula.terms[k]!;
    const right = formula.terms[k + 1]!;
    if (relation === "∈") return membership(left, right, scope);
    const op = comparisons[relation];
    if (!op) throw new Unreadable(`${relation} is no condition`, formula.at);
    return [{ op, left: integer(left, scope), right: integer(right, scope) }];
  });
}
function membership(left: Formula, right: Formula, scope: Scope): readonly Comparison[] {
  if (left.kind === "tuple" && right.kind === "product" && right.sign === "×" && left.entries.length === 2)
    return [
      ...membership(left.entries[0]!, right.left, scope),
      ...membership(left.entries[1]!, right.right, scope),
    ];
  if (right.kind !== "tuple" || right.entries.length !== 2 || right.open !== "[")
    throw new Unreadable("this is no interval", right.at);
  const value = integer(left, scope);
  const [low, high] = right.entries.map((entry) => integer(entry, scope));
  return [...atLeast(value, low!), ...atMost(value, high!)];
}
/** `max(0, a) ≤ v`: both. The language has no max of indices in conditions. */
const atLeast = (value: Term, low: Term): readonly Comparison[] =>
  low.kind === "call" && low.name === "max"
    ? low.arguments.flatMap((a) => atLeast(value, a))
    : [{ op: "<=", left: low, right: value }];
const atMost = (value: Term, high: Term): readonly Comparison[] =>
  high.kind === "call" && high.name === "min"
    ? high.arguments.flatMap((a) => atMost(value, a))
    : [{ op: "<=", left: value, right: high }];
