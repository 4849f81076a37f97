/** Integers, and reads of tensors at integer subscripts. */
import { within as between } from "../../notation/construct.js";
import * as integer from "../../notation/integer.js";
import type { Atom, Element, Int } from "../../notation/integer.js";
import { proves } from "../../ranges/prove.js";
import { spellInt, spellNonNegative, spellZero } from "../code/integers.js";
import type { IntegerSpeller } from "../code/speller.js";
import { atom, callOf, strengths, productOf, within, type Term } from "../code/term.js";
import { digitsOf, extentIn, placed, type Axes } from "./axes.js";
import { factsOf, tensorIn, type Context } from "./context.js";
import { tensor, unionOf, type Value } from "./value.js";
import { windowView } from "./windows.js";
import type { Writer } from "./writer.js";

/** Python's words for integers; those of a box are tensors. */
function spellerFor(
  writer: Writer,
  extremum: IntegerSpeller["extremum"],
  named: (name: string) => Term | undefined = () => undefined,
): IntegerSpeller {
  const { scope } = writer;
  return {
    scope,
    natural: new Set(),
    name: (name) => named(name) ?? atom(scope.value(name)),
    element: () => {
      throw new Error("an element has been named before");
    },
    product: productOf,
    floor: (a, b) => quotientOf(a, "//", b),
    modulo: (a, b) => quotientOf(a, "%", b),
    extremum,
    integerPower: (a, b) => ({
      text: `${within(a, strengths.atom)} ** ${within(b, strengths.atom)}`,
      strength: strengths.unary,
    }),
  };
}
/** Python's floor and remainder; under a sign they stand in parentheses, which would be the dividend's else. */
const quotientOf = (a: Term, operator: "//" | "%", b: Term): Term => ({
  text: `${a.strength < belowProduct ? `(${a.text})` : a.text} ${operator} ${within(b, strengths.unary)}`,
  strength: belowProduct,
});
const belowProduct = strengths.product - 0.5;

/** Divisions that come out even, as Python divides integers. */
const withFloors = (value: Int): Int =>
  integer.mapAtoms(value, (a) =>
    a.kind === "exact" ? integer.floorDivide(a.numerator, a.denominator) : undefined,
  );

/** An integer over sizes and params alone. */
export const sizeText = (value: Int, writer: Writer): string =>
  spellInt(withFloors(value), spellerFor(writer, callOf)).text;

/** Spells an integer formula of the place with its elements read: `spell` sees the formula and Python's words. */
function spelled(value: Int, context: Context, spell: (value: Int, speller: IntegerSpeller) => Term): Value {
  const { writer, box } = context;
  const elements = new Map<string, Value>();
  const named = withElements(withFloors(value), (element) => {
    const name = `element ${elements.size}`;
    elements.set(name, read(element.tensor, element.subscripts, context));
    return integer.variable(name);
  });
  const indices = [...integer.variablesOf(named)].filter((name) => box.place(name) >= 0);
  const support = unionOf([...elements.values(), { support: new Set(indices) }]);
  const isNumber = elements.size === 0 && indices.length === 0;
  const extremum: IntegerSpeller["extremum"] = (name, a, b) =>
    callOf(isNumber ? name : writer.need(name === "min" ? "_lesser" : "_larger"), a, b);
  const speller = spellerFor(writer, extremum, (name) => {
    const element = elements.get(name);
    if (element || box.place(name) < 0) return element?.term;
    return atom(writer.index(name, box, (bound) => sizeText(bound, writer)));
  });
  return { term: spell(named, speller), isNumber, support };
}

/** The formula with each element that stands in no other's subscripts replaced. */
function withElements(value: Int, replace: (element: Element) => Int): Int {
  if (!integer.holdsElement(value)) return value;
  const inside = (a: Atom): Int =>
    a.kind === "element"
      ? replace(a)
      : integer.rebuildAtom(
          a,
          integer.atomParts(a).map((part) => withElements(part, replace)),
        );
  return integer.plus(
    ...value.monomials.map((m) => integer.times(integer.constant(m.coefficient), ...m.factors.map(inside))),
  );
}

export const intValue = (value: Int, context: Context): Value => spelled(value, context, spellInt);
export const nonNegativeValue = (value: Int, context: Context): Value =>
  spelled(value, context, spellNonNegative);
export const zeroValue = (value: Int, context: Context): Value =>
  spelled(value, context, (v, speller) => spellZero(v, "==", speller));

/** The tensor at these subscripts, 0 where one is out of bounds. */
export function read(name: string, subscripts: readonly Int[], context: Context): Value {
  const { writer } = context;
  if (subscripts.length === 0) return tensor(writer.scope.tensor(name));
  const whole = asView(name, subscripts, context);
  if (whole) return whole;
  const view = windowView({ kind: "read", tensor: name, subscripts }, context);
  if (view) return view;
  const { shape } = tensorIn(context, name);
  const facts = factsOf(context);
  // a quotient that comes out uneven is a floor here, of which nothing has been proved
  const isSafe = subscripts.every(
    (s, axis) =>
      !integer.someAtom(s, (a) => a.kind === "exact") &&
      proves(facts, between(s, integer.zero, shape[axis] ?? integer.zero)),
  );
  const own = atom(writer.scope.tensor(name));
  const part = isSafe ? sliceOf(own, shape, subscripts, context) : undefined;
  if (part) return part;
  const index = subscripts.map((s) => intValue(s, context));
  const term = isSafe
    ? atom(`${own.text}[${index.map((i) => i.term.text).join(", ")}]`)
    : callOf(writer.need("_at"), own, ...index.map((i) => i.term));
  return tensor(term, unionOf(index));
}

/** `h[t - 1]`: the part of a tensor at some numbers, where the indices run over all of its other axes. */
function sliceOf(
  own: Term,
  shape: readonly Int[],
  subscripts: readonly Int[],
  context: Context,
): Value | undefined {
  const isNumber = (s: Int): boolean =>
    !integer.holdsElement(s) && [...integer.variablesOf(s)].every((n) => context.box.place(n) < 0);
  if (!subscripts.some(isNumber)) return undefined;
  const axes = wholeAxesOf(
    shape.filter((_, axis) => !isNumber(subscripts[axis]!)),
    subscripts.filter((s) => !isNumber(s)),
    context,
  );
  const at = subscripts.map((s) => (isNumber(s) ? intValue(s, context).term.text : ":"));
  while (at.at(-1) === ":") at.pop();
  return axes && standing(atom(`${own.text}[${at.join(", ")}]`), axes, context);
}

/** The indices on each axis where they run over the whole tensor, each point once. */
export const wholeAxes = (name: string, subscripts: readonly Int[], context: Context): Axes | undefined =>
  wholeAxesOf(tensorIn(context, name).shape, subscripts, context);

function wholeAxesOf(shape: readonly Int[], subscripts: readonly Int[], context: Context): Axes | undefined {
  const extentOf = extentIn(context.box);
  const axes = subscripts.map((s, axis) => {
    const digits = digitsOf(s, extentOf);
    const extents = digits?.map((d) => extentOf(d) ?? integer.one) ?? [];
    const extent = shape[axis];
    return digits && extent && integer.equal(integer.times(integer.one, ...extents), extent) ? digits : [];
  });
  const names = axes.flat();
  return axes.every((digits) => digits.length > 0) && new Set(names).size === names.length ? axes : undefined;
}

/** The whole tensor, its axes where the indices have theirs. */
function asView(name: string, subscripts: readonly Int[], context: Context): Value | undefined {
  const axes = wholeAxes(name, subscripts, context);
  return axes && standing(atom(context.writer.scope.tensor(name)), axes, context);
}
/** A tensor with these axes as a value of the place. */
export const standing = (term: Term, axes: Axes, context: Context): Value =>
  tensor(placed(term, axes, context.box, extentText(context)), new Set(axes.flat()));
/** The extent of an index of the box. */
export const extentText =
  ({ box, writer }: Context) =>
  (name: string): string =>
    sizeText(extentIn(box)(name) ?? integer.one, writer);
