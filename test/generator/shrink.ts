/** A layer that fails made as small as it can be while it fails in the same way. */
import {
  decimal,
  int,
  named,
  nodesOf,
  partsOf,
  sameNode,
  withParts,
  type Condition,
  type Int,
  type Layer,
  type Node,
  type Real,
  type Statement,
} from "./ast.js";
import { trimmed } from "./generate.js";

/** Steps are tried in order, and begun anew after each that keeps the fault, until none does or `most` were tried. */
export async function shrink(
  layer: Layer,
  fails: (smaller: Layer) => Promise<boolean>,
  most = 400,
): Promise<Layer> {
  let [best, tried] = [layer, 0];
  for (let changed = true; changed && tried < most;) {
    changed = false;
    for (const smaller of smallerLayers(best)) {
      if (tried++ >= most) break;
      if (sizeOf(smaller) >= sizeOf(best) || !isWhole(smaller) || !(await fails(smaller))) continue;
      best = smaller;
      changed = true;
      break;
    }
  }
  return best;
}
const sizeOf = (layer: Layer): number => JSON.stringify(layer).length;

/** Whether all that is read is defined, and something is left. */
function isWhole({ declarations, statements }: Layer): boolean {
  const known = new Set(declarations.map((d) => d.name));
  for (const { name, body } of statements) {
    for (const n of nodesOf(body))
      if ((n.kind === "read" || n.kind === "element") && !known.has(n.tensor ?? "")) return false;
    known.add(name);
  }
  return statements.some((s) => s.role === "output");
}

function* smallerLayers(layer: Layer): Generator<Layer> {
  const { statements, declarations } = layer;
  for (const [i, s] of statements.entries()) {
    const rest = statements.filter((_, at) => at !== i);
    yield trimmed({ ...layer, statements: rest });
    // what read it reads a number
    yield trimmed({ ...layer, statements: rest.map((other) => withoutReads(other, s.name)) });
  }
  // the last that is left is a result
  const [last] = statements.slice(-1);
  if (last?.role === "local")
    yield { ...layer, statements: [...statements.slice(0, -1), { ...last, role: "output" }] };
  for (const { name } of declarations) {
    const others = declarations.filter((d) => d.name !== name);
    const numbers = statements.map((s) => withoutReads(s, name));
    yield trimmed({ ...layer, declarations: others, statements: numbers });
  }
  if (layer.requirements.length > 0) yield trimmed({ ...layer, requirements: [] });
  for (const [i, s] of statements.entries())
    for (const body of smallerParts(s.body) as Iterable<Real>) {
      const { inferred: _, ...plain } = s;
      yield trimmed({ ...layer, statements: statements.with(i, { ...plain, body }) });
    }
  // one size for two, an axis fewer
  const sizes = [
    ...new Set(declarations.flatMap((d) => d.shape.flatMap((e) => (e.kind === "named" ? [e.name] : [])))),
  ];
  for (const [i, from] of sizes.entries())
    for (const to of sizes.slice(0, i)) yield trimmed(renamed(layer, from, to));
  for (const [i, s] of statements.entries()) {
    if (s.role === "output" && statements.length > 1)
      yield { ...layer, statements: statements.with(i, { ...s, role: "local" }) };
    for (const axis of s.indices.keys()) yield* withoutAxis(layer, i, axis);
  }
  for (const [i, d] of declarations.entries())
    for (const axis of d.shape.keys()) {
      const cut = { ...d, shape: d.shape.toSpliced(axis, 1) };
      const read = statements.map((s) => withoutSubscript(s, d.name, axis));
      yield trimmed({ ...layer, declarations: declarations.with(i, cut), statements: read });
    }
}

function* withoutAxis(layer: Layer, i: number, axis: number): Generator<Layer> {
  const s = layer.statements[i];
  if (!s?.subscripts.every((each) => each.kind === "named")) return;
  const index = s.indices[axis]?.name ?? "";
  const cut: Statement = {
    ...s,
    indices: s.indices.toSpliced(axis, 1),
    subscripts: s.subscripts.toSpliced(axis, 1),
    shape: s.shape.toSpliced(axis, 1),
    body: replaced(s.body, (n) => (n.kind === "named" && n.name === index ? int(0) : undefined)) as Real,
  };
  const statements = layer.statements.with(i, cut).map((other) => withoutSubscript(other, s.name, axis));
  yield trimmed({ ...layer, statements });
}
const withoutSubscript = (s: Statement, tensor: string, axis: number): Statement => ({
  ...s,
  body: replaced(s.body, (n) =>
    (n.kind === "read" || n.kind === "element") && n.tensor === tensor
      ? { ...n, subscripts: n.subscripts.toSpliced(axis, 1) }
      : undefined,
  ) as Real,
});
const withoutReads = (s: Statement, tensor: string): Statement => ({
  ...s,
  body: replaced(s.body, (n) => {
    if (n.kind === "read" && n.tensor === tensor) return decimal("0.5");
    if (n.kind === "pad" && n.read.tensor === tensor) return decimal("0.5");
    return n.kind === "element" && n.tensor === tensor ? int(0) : undefined;
  }) as Real,
});
const replaced = (node: Node, by: (n: Node) => Node | undefined): Node =>
  by(node) ?? withParts(node, (part) => replaced(part, by));

function renamed(layer: Layer, from: string, to: string): Layer {
  const text = JSON.stringify(layer).replaceAll(
    `{"kind":"named","name":${JSON.stringify(from)}}`,
    JSON.stringify(named(to)),
  );
  return JSON.parse(text) as Layer;
}

/** The node with one part of it smaller, the largest parts first. */
function* smallerParts(node: Node): Generator<Node> {
  yield* simpler(node);
  const parts = partsOf(node);
  for (const [i, part] of parts.entries())
    for (const smaller of smallerParts(part)) {
      let at = -1;
      yield withParts(node, (each) => (++at === i ? smaller : each));
    }
}
const isReal = (n: Node): n is Real => !isInt(n) && !isCondition(n);
const isInt = (n: Node): n is Int =>
  [
    ...[
      "integer",
      "named",
      "plus",
      "minus",
      "times",
      "floored",
      "ceiled",
      "modulo",
      "exact",
      "smaller",
      "larger",
    ],
    "element",
  ].includes(n.kind);
const isCondition = (n: Node): n is Condition =>
  ["compare", "and", "or", "not", "any", "all"].includes(n.kind);

/** Smaller nodes that may stand in its place. */
function* simpler(node: Node): Generator<Node> {
  if (isReal(node)) {
    if (node.kind !== "decimal") yield decimal("1");
    for (const n of [...nodesOf(node)].slice(1)) if (isReal(n) && n.kind !== "decimal") yield n;
    if (node.kind === "reduction" && node.binders.length > 1)
      for (const i of node.binders.keys()) yield { ...node, binders: node.binders.toSpliced(i, 1) };
    if (node.kind === "reduction" && node.name !== "sum") yield { ...node, name: "sum" };
    return;
  }
  if (isCondition(node)) {
    for (const n of [...nodesOf(node)].slice(1)) if (isCondition(n)) yield n;
    return;
  }
  for (const leaf of [int(0), ...[...nodesOf(node)].slice(1).filter(isInt)])
    if (!sameNode(leaf, node)) yield leaf;
}
