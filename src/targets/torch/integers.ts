/** Integers, and reads of tensors at integer subscripts. */
import { within as between } from "../../notation/construct.js";
import * as integer from "../../notation/integer.js";
import type { Atom, Element, Int } from "../../notation/integer.js";
import { proves } from "../../ranges/prove.js";
import { spellInt, spellNonNegative, spellZero } from "../code/integers.js";
import type { IntegerSpeller } from "../code/speller.js";
import { atom, callOf, strengths, productOf, within, type Term } from "../code/term.js";
import type { Box } from "./box.js";
import { factsOf, tensorIn, type Context } from "./context.js";
import { tensor, unionOf, type Value } from "./value.js";
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
  const { shape } = tensorIn(context, name);
  const facts = factsOf(context);
  // a quotient that comes out uneven is a floor here, of which nothing has been proved
  const isSafe = subscripts.every(
    (s, axis) =>
      !integer.someAtom(s, (a) => a.kind === "exact") &&
      proves(facts, between(s, integer.zero, shape[axis] ?? integer.zero)),
  );
  const index = subscripts.map((s) => intValue(s, context));
  const own = atom(writer.scope.tensor(name));
  const term = isSafe
    ? atom(`${own.text}[${index.map((i) => i.term.text).join(", ")}]`)
    : callOf(writer.need("_at"), own, ...index.map((i) => i.term));
  return tensor(term, unionOf(index));
}

/** The names of the indices where each runs over one axis in full. */
export function wholeAxes(
  name: string,
  subscripts: readonly Int[],
  context: Context,
): readonly string[] | undefined {
  const { shape } = tensorIn(context, name);
  const names = subscripts.map((s, axis) => {
    const index = integer.plainVariable(s);
    const own = index === undefined ? undefined : context.box.axis(index);
    const extent = shape[axis];
    const isFull = own && extent && own.from.monomials.length === 0 && integer.equal(own.end, extent);
    return isFull ? own.name : undefined;
  });
  const found = names.filter((n) => n !== undefined);
  return found.length === names.length && new Set(found).size === found.length ? found : undefined;
}

/** The whole tensor, its axes where the indices have theirs. */
function asView(name: string, subscripts: readonly Int[], context: Context): Value | undefined {
  const { writer, box } = context;
  const names = wholeAxes(name, subscripts, context);
  return names && tensor(placed(writer.scope.tensor(name), names, box), new Set(names));
}

/** A tensor with one axis for each of these indices, made to stand in the box. */
export function placed(text: string, names: readonly string[], box: Box): string {
  const ordered = box.inOrder(new Set(names));
  const order = ordered.map((name) => names.indexOf(name));
  const moved = order.every((at, i) => at === i) ? text : `${text}.permute(${order.join(", ")})`;
  const first = box.place(ordered[0] ?? "");
  const slots = box.axes
    .slice(0, first + 1)
    .toReversed()
    .map((axis) => (names.includes(axis.name) ? ":" : "None"));
  return slots.includes("None") ? `${moved}[${slots.join(", ")}]` : moved;
}
