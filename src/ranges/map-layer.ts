/** A layer with every integer value in it mapped, and its formulas as they are written: what they read decides their ranges. */
import { asWritten } from "../language/written.js";
import type { Int } from "../notation/integer.js";
import type { Layer, Statement } from "../notation/layer.js";
import { rewrite, rewriteCondition } from "../notation/traverse.js";

type IntMap = (value: Int) => Int;

export const mapLayerInts = (layer: Layer, map: IntMap): Layer => ({
  ...layer,
  derived: layer.derived.map((d) => ({ ...d, value: map(d.value) })),
  constants: layer.constants.map((c) => ({ ...c, value: rewrite(c.value, (e) => e, map, asWritten) })),
  requirements: layer.requirements.map((r) => ({
    ...r,
    condition: rewriteCondition(r.condition, (e) => e, map, asWritten),
  })),
  tensors: layer.tensors.map((t) => ({
    ...t,
    shape: t.shape.map(map),
    ...(t.bound && { bound: map(t.bound) }),
    ...(t.rounded?.least && { rounded: { least: map(t.rounded.least) } }),
  })),
  statements: layer.statements.map((s) => mapStatementInts(s, map)),
  claimHelpers: layer.claimHelpers.map((s) => mapStatementInts(s, map)),
  claims: layer.claims.map((s) => mapStatementInts(s, map)),
});

export const mapStatementInts = (statement: Statement, map: IntMap): Statement => ({
  ...statement,
  indices: statement.indices.map((i) => ({ ...i, extent: map(i.extent) })),
  subscripts: statement.subscripts.map(map),
  body: rewrite(statement.body, (e) => e, map, asWritten),
});
