/** Real-valued expressions: trees to notation, helpers inlined. */
import * as build from "../notation/construct.js";
import type { Condition, Expression } from "../notation/expression.js";
import * as integer from "../notation/integer.js";
import { identityElements } from "../notation/reductions.js";
import type { Span } from "../notation/span.js";
import { mapChildren, mapConditionChildren, tensorsInCondition, walk } from "../notation/traverse.js";
import { bindersOf } from "./binders.js";
import { toCondition } from "./conditions.js";
import { subscriptsOf } from "./integers.js";
import { say } from "./messages.js";
import { isBuiltIn, isReduction, nearest, specialFunctions } from "./names.js";
import * as written from "./written.js";
import { fail, isIntegerName, readableTensor, unknownName, type Helper, type Scope } from "./scope.js";
import type { CallTree, NameTree, ReductionTree, Tree } from "./tree.js";
import { functionNames, isBinary, isFunction } from "../primitives/index.js";

/** The tree as a real expression. What is none is reported, and 0 is given. */
export function toExpression(tree: Tree, scope: Scope): Expression {
  switch (tree.kind) {
    case "number": {
      const value = build.decimal(tree.text);
      return Number.isFinite(build.valueOf(value)) ? value : refuse(scope, tree, say.numberTooLarge());
    }
    case "name":
      return nameToExpression(tree, scope);
    case "access": {
      const subscripts = subscriptsOf(tree, scope);
      return subscripts
        ? build.read(tree.name, subscripts, { start: tree.start, end: tree.end })
        : build.zero;
    }
    case "call":
      return callToExpression(tree, scope);
    case "reduction":
      return reductionToExpression(tree, scope);
    case "sum":
      return written.add(
        ...tree.terms.map(({ negative, tree: t }) =>
          negative ? written.negate(toExpression(t, scope)) : toExpression(t, scope),
        ),
      );
    case "product":
      return written.multiply(
        ...tree.factors.map(({ inverse, tree: f }) =>
          inverse ? written.raise(toExpression(f, scope), build.minusOne) : toExpression(f, scope),
        ),
      );
    case "negate":
      return written.negate(toExpression(tree.argument, scope));
    case "power":
      return written.raise(toExpression(tree.base, scope), toExpression(tree.exponent, scope));
    case "and":
    case "compare":
    case "not":
    case "or":
      return refuse(scope, tree, say.conditionAsValue());
  }
}

function refuse(scope: Scope, tree: Span, complaint: Parameters<typeof fail>[2]): Expression {
  fail(scope, tree, complaint);
  return build.zero;
}

function nameToExpression(tree: NameTree, scope: Scope): Expression {
  const { name } = tree;
  const argument = scope.arguments?.get(name);
  if (argument) return argument;
  if (name === "pi" || (name === "e" && !scope.indices.has(name))) return { kind: "named", name };
  if (name === "inf") return build.infinity;
  if (name === "true" || name === "false") return refuse(scope, tree, say.conditionAsValue());
  const value = scope.symbols.values.get(name);
  if (value || scope.indices.has(name))
    return isIntegerName(name, scope) ? build.ofInt(integer.variable(name)) : { kind: "parameter", name };
  if (scope.symbols.tensors.get(name)?.rank === 0)
    return readableTensor(name, tree, scope)
      ? build.read(name, [], { start: tree.start, end: tree.end })
      : build.zero;
  if (isReduction(name) || isBuiltIn(name)) return refuse(scope, tree, say.functionAsValue(name));
  unknownName(name, tree, scope);
  return build.zero;
}

function callToExpression(tree: CallTree, scope: Scope): Expression {
  const { name, arguments: args } = tree;
  if (name === "where" || name === "pad" || name === "stop") return special(tree, scope);
  if (isFunction(name)) {
    const arity = isBinary(name) ? 2 : 1;
    if (args.length !== arity)
      return refuse(
        scope,
        tree,
        isReduction(name) ? say.reductionOrPair(name) : say.arity(name, arity, args.length),
      );
    const values = args.map((a) => toExpression(a, scope));
    const [base] = values;
    // (u^0)^2 reads u
    if (name === "square" && base) return written.raise(base, build.rational(2));
    return build.call(name, values, { start: tree.start, end: tree.end });
  }
  if (isReduction(name)) return refuse(scope, tree, say.reductionWithoutBinders(name));
  const helper = scope.symbols.helpers.get(name);
  if (helper) return inline(tree, scope);
  if (scope.symbols.layers.has(name)) return refuse(scope, tree.head, say.layerInFormula(name));
  if (scope.symbols.announced.doubtful.has(name)) return build.zero;
  if (scope.symbols.tensors.has(name)) return refuse(scope, tree.head, say.calledTensor(name));
  if (scope.symbols.values.has(name) || scope.indices.has(name))
    return refuse(scope, tree.head, say.calledValue(name));
  const known = [...functionNames(), ...specialFunctions, ...scope.symbols.helpers.keys()];
  return refuse(scope, tree.head, say.unknownFunction(name, nearest(name, known)));
}

function special(tree: CallTree, scope: Scope): Expression {
  const { name, arguments: args } = tree;
  const [a, b, c] = args;
  const arity = name === "where" ? 3 : name === "pad" ? 2 : 1;
  if (!a || args.length !== arity) return refuse(scope, tree, say.arity(name, arity, args.length));
  if (name === "stop") return build.stop(toExpression(a, scope));
  if (name === "where" && b && c)
    return written.select(toCondition(a, scope), toExpression(b, scope), toExpression(c, scope));
  const read = toExpression(a, scope);
  if (a.kind !== "access" || !b) return refuse(scope, a, say.padForm());
  const value = b ? toExpression(b, scope) : build.zero;
  return read.kind === "read" ? { kind: "pad", read, value } : build.zero;
}

/** The helper's body with the arguments in place of its parameters. */
function inline(tree: CallTree, scope: Scope): Expression {
  const helper = scope.symbols.helpers.get(tree.name);
  if (!helper) return build.zero;
  const { parameters } = helper;
  if (parameters.length !== tree.arguments.length)
    return refuse(scope, tree, say.arity(tree.name, parameters.length, tree.arguments.length));
  if (scope.inlining.includes(tree.name)) return refuse(scope, tree, say.recursion(tree.name));
  if (++scope.state.inlined > mostInlined) return refuse(scope, tree, say.helperTooLarge(tree.name));
  const values = tree.arguments.map((a) => toExpression(a, scope));
  const result = toExpression(helper.tree, {
    ...scope,
    arguments: new Map(parameters.map((p, i) => [p.text, values[i] ?? build.zero])),
    indices: new Map(),
    inlining: [...scope.inlining, tree.name],
    noTensors: `helper ${tree.name}`,
  });
  return sizeOf(result) > largest ? refuse(scope, tree, say.helperTooLarge(tree.name)) : result;
}

/** Reports a constant that has no value, such as 0*inf. */
export function checkDefined(e: Expression, span: Span, scope: Scope): void {
  let undefinedConstant = false;
  walk(e, {
    expression: (part) => {
      if (part.kind === "constant" && Number.isNaN(build.valueOf(part))) undefinedConstant = true;
    },
  });
  if (undefinedConstant) fail(scope, span, say.notDefined());
}

/** Resolves a helper's body once by itself, so that its problems are found where it is never called. */
export function checkHelper({ name, parameters, tree }: Helper, scope: Scope): void {
  toExpression(tree, {
    ...scope,
    state: { ...scope.state, inlined: 0 },
    arguments: new Map(parameters.map((p) => [p.text, { kind: "parameter", name: p.text }])),
    inlining: [name.text],
    noTensors: `helper ${name.text}`,
  });
}

/** The most helper calls that a statement may come to. */
const mostInlined = 2000;
/** The most nodes that a formula may have once helpers are inlined. */
const largest = 20_000;
const sizes = new WeakMap<object, number>();
/** The number of nodes of a formula, shared parts counted each time. */
function sizeOf(e: Expression): number {
  let size = sizes.get(e);
  if (size !== undefined) return size;
  let parts = 1;
  const expression = (part: Expression): Expression => ((parts += sizeOf(part)), part);
  const condition = (c: Condition): Condition => mapConditionChildren(c, { expression, condition });
  mapChildren(e, { expression, condition });
  size = parts;
  sizes.set(e, size);
  return size;
}

function reductionToExpression(tree: ReductionTree, scope: Scope): Expression {
  const { name } = tree;
  const at = { start: tree.start, end: tree.end };
  if (name === "any" || name === "all") return refuse(scope, tree, say.conditionAsValue());
  if (scope.inlining.length > 0) return refuse(scope, tree, say.reductionInHelper());
  const { binders, inner } = bindersOf(tree, scope);
  const [argument] = tree.arguments;
  if (!argument || tree.arguments.length !== 1)
    return refuse(scope, tree, say.reductionArguments(name, tree.arguments.length));
  if (name === "count") {
    const condition = toCondition(argument, inner);
    // Reads in the condition decide, like those of a body, which points take part: then it stays in the body.
    if (isStatic(condition)) return build.reduction("count", binders, build.one, condition, at);
    return build.reduction("sum", binders, build.select(condition, build.one, build.zero), build.truth, at);
  }
  const value = toExpression(argument, inner);
  if (name === "logsumexp") {
    // ln Σ e^u: kernels compute it without overflow, however it is written (`stability/`)
    const { guard, body } = guardOf(-Infinity, value);
    return build.call("log", [build.reduction("sum", binders, build.call("exp", [body]), guard, at)], at);
  }
  const { guard, body } = guardOf(identityElements[name], value);
  return build.reduction(name, binders, body, guard, at);
}

/** Whether a condition is made of indices, sizes and params only. */
export const isStatic = (condition: Condition): boolean => tensorsInCondition(condition).size === 0;

/** sum(where(c, a, 0)) is the sum of a over the points at which c holds; likewise prod, max, min and, with -inf, logsumexp. */
function guardOf(neutral: number | undefined, body: Expression): { guard: Condition; body: Expression } {
  if (neutral === undefined || body.kind !== "select" || !isStatic(body.condition))
    return { guard: build.truth, body };
  const { condition, whenTrue, whenFalse } = body;
  const [taken, rest] = build.isConstant(whenFalse, neutral)
    ? [condition, whenTrue]
    : build.isConstant(whenTrue, neutral)
      ? [build.not(condition), whenFalse]
      : [build.truth, body];
  if (rest === body) return { guard: build.truth, body };
  const inner = guardOf(neutral, rest);
  return { guard: build.and(taken, inner.guard), body: inner.body };
}
