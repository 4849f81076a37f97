/** Subscripts, sizes and bounds: trees to exact integer polynomials. */
import { decimal, valueOf } from "../notation/construct.js";
import * as integer from "../notation/integer.js";
import type { Atom, Int } from "../notation/integer.js";
import { say } from "./messages.js";
import { isReduction, nearest } from "./names.js";
import { printInt } from "./print-integers.js";
import { isIntegerFunction, isRounding } from "./roundings.js";
import { fail, isIntegerName, readableTensor, unknownName, type Scope, type TensorEntry } from "./scope.js";
import { type AccessTree, type CallTree, type NameTree, type Tree } from "./tree.js";

/** More monomials than any layer has; products and powers of sums beyond it are refused. */
const mostMonomials = 1000;

/** The tree as an integer. What is none is reported, and 0 is given. */
export function toInt(tree: Tree, scope: Scope): Int {
  switch (tree.kind) {
    case "number": {
      const value = valueOf(decimal(tree.text));
      if (Number.isSafeInteger(value)) return integer.constant(value);
      return refuse(scope, tree, say.notAnInteger(tree.text));
    }
    case "name":
      return nameToInt(tree, scope);
    case "access":
      return elementOf(tree, scope);
    case "call":
      return callToInt(tree, scope);
    case "reduction":
      if (tree.name === "argmax" || tree.name === "argmin") return scope.hoist(tree, scope);
      return refuse(scope, tree, say.notAnInteger(`${tree.name}[…](…)`));
    case "sum":
      return integer.plus(
        ...tree.terms.map(({ negative, tree: t }) =>
          negative ? integer.negate(toInt(t, scope)) : toInt(t, scope),
        ),
      );
    case "product": {
      let value = integer.one;
      for (const { inverse, tree: factor } of tree.factors) {
        const by = toInt(factor, scope);
        if (!inverse) value = product(value, by, tree, scope);
        else value = checkDivisor(by, factor, scope) ? integer.exactDivide(value, by) : value;
      }
      return checked(value, tree, scope);
    }
    case "negate":
      return integer.negate(toInt(tree.argument, scope));
    case "power":
      return power(toInt(tree.base, scope), toInt(tree.exponent, scope), tree, scope);
    case "and":
    case "compare":
    case "not":
    case "or":
      return refuse(scope, tree, say.conditionAsValue());
  }
}

function refuse(scope: Scope, tree: Tree, complaint: Parameters<typeof fail>[2]): Int {
  fail(scope, tree, complaint);
  return integer.zero;
}

function nameToInt(tree: NameTree, scope: Scope): Int {
  const { name } = tree;
  if (isIntegerName(name, scope)) {
    if (scope.indices.has(name) || scope.symbols.values.has(name)) return integer.variable(name);
    return readableTensor(name, tree, scope) ? integer.element(name, []) : integer.zero;
  }
  if (scope.arguments?.has(name)) return refuse(scope, tree, say.argumentAsInteger(name));
  const value = scope.symbols.values.get(name);
  if (value) return refuse(scope, tree, say.realAsInteger(name));
  if (isNumeral(name)) return refuse(scope, tree, say.notAnInteger(name));
  const scalar = scope.symbols.tensors.get(name);
  if (scalar?.rank === 0) return realElement(scalar, [], tree, scope);
  unknownName(name, tree, scope);
  return integer.one; // nothing is divided by zero
}

function elementOf(tree: AccessTree, scope: Scope): Int {
  const subscripts = subscriptsOf(tree, scope);
  const entry = subscripts && scope.symbols.tensors.get(tree.name);
  if (!entry) return integer.zero;
  if (entry.type !== "integer") return realElement(entry, subscripts, tree, scope);
  return integer.element(tree.name, subscripts);
}

/** The axes of a tensor as they are declared; undefined where some are yet to be found. */
export function axesOf({ shape }: TensorEntry): readonly string[] | undefined {
  const axes = shape?.map((extent) => printInt(extent));
  return axes?.some((axis) => axis.includes("?")) ? undefined : axes;
}

/** A real tensor as an integer: one that is given is declared by another line. It is told once, and stands for one from then on. */
function realElement(entry: TensorEntry, subscripts: readonly Int[], tree: Tree, scope: Scope): Int {
  const complaint = say.realAsInteger(entry.name);
  const { declaration, at } = entry;
  const given = entry.state === "given" && entry.role !== "cotangent" && declaration;
  if (!given) return refuse(scope, tree, complaint);
  const open = !scope.axis || [...integer.variablesOf(scope.axis)].some((v) => v.startsWith("?"));
  const bound = scope.axis && !open ? printInt(scope.axis) : undefined;
  fail(scope, tree, {
    ...complaint,
    hint: `declare it: index ${entry.name}[…] < ${bound ?? "V"}`,
    ...(bound !== undefined && {
      mend: [
        { start: declaration.start, end: at.start, text: "index " },
        { start: declaration.end, end: declaration.end, text: ` < ${bound}` },
      ],
    }),
  });
  entry.type = "integer";
  return integer.element(entry.name, subscripts);
}

/** The subscripts of an access, checked against the tensor's rank. */
export function subscriptsOf(tree: AccessTree, scope: Scope): readonly Int[] | undefined {
  if (isReduction(tree.name)) {
    fail(scope, tree, say.reductionWithoutBody(tree.name));
    return undefined;
  }
  const entry = readableTensor(tree.name, tree.head, scope);
  const subscripts = tree.arguments.map((s, axis) =>
    toSubscript(s, { ...scope, axis: entry?.shape?.[axis] }),
  );
  if (!entry) return undefined;
  if (entry.rank !== undefined && entry.rank !== subscripts.length) {
    fail(scope, tree, say.subscriptCount(tree.name, entry.rank, subscripts.length, axesOf(entry)));
    return undefined;
  }
  return subscripts;
}

/** An integer that is affine in the index variables, as the language allows in a subscript. */
export function toSubscript(tree: Tree, scope: Scope): Int {
  const value = toInt(tree, scope);
  const complaint = subscriptComplaint(value, scope);
  if (complaint) fail(scope, tree, complaint);
  return asWritten(value, tree);
}

/** In `x[2*p - p]` and `x[0*W + p]` the index does not stand alone as written: a term 0·p says so until ranges are known. */
function asWritten(value: Int, tree: Tree): Int {
  if (tree.kind === "name" || integer.plainVariable(value) === undefined) return value;
  const cancelled = value.monomials.map((m) => ({ ...m, coefficient: 0 }));
  return { ...value, monomials: [...value.monomials, ...cancelled] };
}

function subscriptComplaint(value: Int, scope: Scope): Parameters<typeof fail>[2] | undefined {
  const varies = (v: Int): boolean => {
    let found = false;
    integer.eachAtom(v, (a) => {
      if (a.kind === "element" || (a.kind === "variable" && scope.indices.has(a.name))) found = true;
    });
    return found;
  };
  const atomVaries = (atom: Atom): boolean =>
    varies({ kind: "int", monomials: [{ coefficient: 1, factors: [atom] }] });
  for (const { factors } of value.monomials) {
    const varying = factors.filter(atomVaries);
    if (varying.length > 1) return say.notAffine();
    for (const atom of varying) {
      if (atom.kind === "power") return say.notAffine();
      if (atom.kind === "variable" || atom.kind === "element") continue;
      const [inner, other] = integer.atomParts(atom);
      const divided = atom.kind === "floor" || atom.kind === "exact" || atom.kind === "modulo";
      if (divided && other && varies(other)) return say.varyingDivisor();
      for (const part of divided ? [inner] : [inner, other]) {
        const complaint = part && subscriptComplaint(part, scope);
        if (complaint) return complaint;
      }
    }
  }
  return undefined;
}

function callToInt(tree: CallTree, scope: Scope): Int {
  const { name, arguments: args } = tree;
  const [a, b] = args;
  if (a && isRounding(tree) && scope.noTensors === undefined && (name === "round" || !isFraction(a, scope)))
    return scope.hoist(tree, scope);
  const arity = name === "floor" || name === "ceil" ? 1 : isIntegerFunction(name) ? 2 : 0;
  if (arity === 0)
    return refuse(
      scope,
      tree,
      say.functionAsInteger(name, nearest(name, ["floor", "ceil", "mod", "min", "max"])),
    );
  if (args.length !== arity || !a) return refuse(scope, tree, say.arity(name, arity, args.length));
  if (arity === 1) {
    const { numerator, denominator } = toFraction(a, scope);
    return name === "floor"
      ? integer.floorDivide(numerator, denominator)
      : integer.ceilDivide(numerator, denominator);
  }
  if (!b) return integer.zero;
  const [left, right] = [toInt(a, scope), toInt(b, scope)];
  if (name !== "mod") return integer.extremum(name === "min" ? "min" : "max", left, right);
  return checkDivisor(right, b, scope) ? integer.modulo(left, right) : integer.zero;
}

/** The tree as numerator / denominator, divisions at its top level not yet carried out. */
export function toFraction(tree: Tree, scope: Scope): { numerator: Int; denominator: Int } {
  if (tree.kind === "negate") {
    const { numerator, denominator } = toFraction(tree.argument, scope);
    return { numerator: integer.negate(numerator), denominator };
  }
  if (tree.kind === "sum") {
    let [numerator, denominator] = [integer.zero, integer.one];
    for (const { negative, tree: term } of tree.terms) {
      const next = toFraction(term, scope);
      const value = negative ? integer.negate(next.numerator) : next.numerator;
      if (integer.equal(denominator, next.denominator)) numerator = integer.plus(numerator, value);
      else {
        numerator = integer.plus(
          product(numerator, next.denominator, tree, scope),
          product(value, denominator, tree, scope),
        );
        denominator = product(denominator, next.denominator, tree, scope);
      }
    }
    return { numerator: checked(numerator, tree, scope), denominator };
  }
  if (tree.kind === "product") {
    let [numerator, denominator] = [integer.one, integer.one];
    for (const { inverse, tree: factor } of tree.factors) {
      const next = toFraction(factor, scope);
      if (inverse && !checkDivisor(next.numerator, factor, scope)) continue;
      const [over, under] = inverse ? [next.denominator, next.numerator] : [next.numerator, next.denominator];
      numerator = product(numerator, over, tree, scope);
      denominator = product(denominator, under, tree, scope);
    }
    return { numerator, denominator };
  }
  return { numerator: toInt(tree, scope), denominator: integer.one };
}

function checkDivisor(divisor: Int, tree: Tree, scope: Scope): boolean {
  const zero = divisor.monomials.length === 0;
  if (zero) fail(scope, tree, say.divisionByZero());
  return !zero;
}

function product(a: Int, b: Int, tree: Tree, scope: Scope): Int {
  if (a.monomials.length * b.monomials.length > mostMonomials) return refuse(scope, tree, say.tooLarge());
  return integer.times(a, b);
}

function power(base: Int, exponent: Int, tree: Tree, scope: Scope): Int {
  const n = integer.literal(exponent);
  if (n === undefined) return integer.power(base, exponent);
  if (n < 0) return refuse(scope, tree, say.negativeExponent());
  const number = integer.literal(base);
  if (number !== undefined) return checked(integer.constant(number ** n), tree, scope);
  if (n > 64) return refuse(scope, tree, say.tooLarge());
  let value = integer.one;
  for (let i = 0; i < n; i++) value = product(value, base, tree, scope);
  return checked(value, tree, scope);
}

/** The value, where its coefficients are exact. */
function checked(value: Int, tree: Tree, scope: Scope): Int {
  if (value.monomials.every((m) => Number.isSafeInteger(m.coefficient))) return value;
  return refuse(scope, tree, say.tooLarge());
}

const isNumeral = (name: string): boolean => name === "pi" || name === "e" || name === "inf";
/** Whether it is an integer, or a fraction of two, whose floor is exact; a name that means nothing is told as an integer's. */
function isFraction(tree: Tree, scope: Scope): boolean {
  switch (tree.kind) {
    case "number":
      return Number.isSafeInteger(valueOf(decimal(tree.text)));
    case "name": {
      const { values, tensors } = scope.symbols;
      const isReal = scope.arguments?.has(tree.name) === true || isNumeral(tree.name);
      return isIntegerName(tree.name, scope) || !(isReal || values.has(tree.name) || tensors.has(tree.name));
    }
    case "access": {
      const entry = scope.symbols.tensors.get(tree.name);
      return !entry || entry.type === "integer";
    }
    case "call":
      if (isRounding(tree)) return true;
      return isIntegerFunction(tree.name) && tree.arguments.every((a) => isFraction(a, scope));
    case "reduction":
      return tree.name === "argmax" || tree.name === "argmin";
    case "sum":
      return tree.terms.every((t) => isFraction(t.tree, scope));
    case "product":
      return tree.factors.every((f) => isFraction(f.tree, scope));
    case "negate":
      return isFraction(tree.argument, scope);
    case "power":
      return isFraction(tree.base, scope) && isFraction(tree.exponent, scope);
    case "and":
    case "compare":
    case "not":
    case "or":
      return true;
  }
}

/** Whether the tree is integer arithmetic over integer names, so that it is compared as an integer. */
export function isIntegral(tree: Tree, scope: Scope): boolean {
  const all = (trees: readonly Tree[]): boolean => trees.every((t) => isIntegral(t, scope));
  switch (tree.kind) {
    case "number":
      return Number.isSafeInteger(valueOf(decimal(tree.text)));
    case "name":
      return isIntegerName(tree.name, scope);
    case "access":
      return scope.symbols.tensors.get(tree.name)?.type === "integer";
    case "call":
      return ["floor", "ceil", "mod", "min", "max"].includes(tree.name) && all(tree.arguments);
    case "sum":
      return all(tree.terms.map((t) => t.tree));
    case "product":
      return tree.factors.every(
        (f) => isIntegral(f.tree, scope) && (!f.inverse || isPositive(f.tree, scope)),
      );
    case "negate":
      return isIntegral(tree.argument, scope);
    case "power": {
      const n = tree.exponent.kind === "number" ? valueOf(decimal(tree.exponent.text)) : -1;
      return isIntegral(tree.base, scope) && Number.isInteger(n) && n >= 0 && n <= 16;
    }
    case "and":
    case "compare":
    case "not":
    case "or":
    case "reduction":
      return false;
  }
}
/** Whether a divisor is at least 1 in every plan: a comparison may be multiplied by it. */
function isPositive(tree: Tree, scope: Scope): boolean {
  if (tree.kind === "number") return valueOf(decimal(tree.text)) >= 1;
  if (tree.kind === "product") return tree.factors.every((f) => !f.inverse && isPositive(f.tree, scope));
  if (tree.kind !== "name" || scope.arguments?.has(tree.name) || scope.indices.has(tree.name)) return false;
  const value = scope.symbols.values.get(tree.name);
  return value?.kind === "size" || value?.kind === "derived" || (value?.kind === "param" && value.value >= 1);
}
