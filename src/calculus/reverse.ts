/**
 * Reverse mode over statements: dX[m] = Σ over every read X[f] of Σ_{points with f = m} dT · ∂T/∂X[f],
 * first written with the indicator as the papers do, then solved to a gather, then simplified.
 */
import { pruneBranches, restrictSums, supportsOf, type Supports } from "../algebra/branches.js";
import { definitionsOf, fold } from "../algebra/definitions.js";
import { foldProducts, productDefinitions } from "../algebra/products.js";
import { hasNoPole, knownInside, knownOf, type Known } from "../algebra/real-signs.js";
import { collectTerms } from "../algebra/terms.js";
import { simplifySums } from "../algebra/sums.js";
import { substitute, substituteCondition, withoutHiding } from "../notation/binders.js";
import * as build from "../notation/construct.js";
import type { Expression } from "../notation/expression.js";
import { componentsOf } from "../notation/components.js";
import { freshNames, type Fresh } from "../notation/fresh.js";
import * as integer from "../notation/integer.js";
import {
  cotangentName,
  indicesAt,
  isDifferentiated,
  type Index,
  type Layer,
  type Statement,
  type Tensor,
} from "../notation/layer.js";
import { countNodes, holdsReduction, mapChildren, rewrite, tensorsIn, walk } from "../notation/traverse.js";
import { accessesIn } from "../ranges/accesses.js";
import { factsInside, GrowingFacts } from "../ranges/facts.js";
import { reservedWords } from "../language/names.js";
import type { Facts } from "../ranges/prove.js";
import { activeTensors } from "./active.js";
import { contributionsOf, type Contribution } from "./adjoint.js";
import { withoutVanishing } from "./cancel.js";
import { withoutQuotients } from "../algebra/quotients.js";
import { rewritten } from "../rewrite/engine.js";
import { shortForms } from "../rewrite/rules/forms.js";
import { chainRule, renameTemporarily, solved, withIndicator } from "./chain.js";
import type { DerivationStep, Gradient } from "./derivation.js";
import { reservedNames } from "./hoist.js";
import { targetIndices } from "./indices.js";
import {
  isReadOf,
  productByValue,
  readAt,
  statementOf,
  withCotangent,
  type Adjoint,
  type Named,
  type Pending,
} from "./pending.js";
import { holdsPole } from "./poles.js";
import { singularTensors } from "./singular.js";
import { whereNotZero } from "./zeros.js";
import { Trail } from "./trail.js";

export interface Reversed {
  readonly tensors: readonly Tensor[];
  readonly backward: readonly Statement[];
  readonly gradients: readonly Gradient[];
  /** Derivatives with respect to intermediates, stored or not. */
  readonly intermediates: readonly Gradient[];
}

/** A statement of a recurrence, and the tensor that it defines. */
interface Member {
  readonly statement: Statement;
  readonly owner: Tensor;
}

/** Small enough to be written out where it is used instead of stored. */
const inlineLimit = 40;

/** `layer` has explicit bounds and hoisted reductions; `selectors` names the argmax of each max. */
export function reverse(layer: Layer, selectors: ReadonlyMap<string, string>): Reversed {
  const pass = new Reverse(layer, selectors);
  for (const { statements, isRecurrent } of componentsOf(layer.statements).toReversed())
    if (isRecurrent) pass.recurrence(statements);
    else for (const statement of statements) pass.visit(statement);
  for (const tensor of layer.tensors) if (isDifferentiated(tensor)) pass.finish(tensor);
  const { tensors, backward, gradients, intermediates } = pass;
  return { tensors, backward, gradients, intermediates };
}

class Reverse {
  readonly tensors: Tensor[];
  readonly backward: Statement[] = [];
  private readonly owners: ReadonlyMap<string, Tensor>;
  /** What is in `backward`, by its tensor. */
  private readonly stored = new Map<string, Statement>();
  readonly gradients: Gradient[] = [];
  readonly intermediates: Gradient[] = [];
  private readonly pending = new Map<string, Pending[]>();
  private readonly active: ReadonlySet<string>;
  private readonly known: Known;
  private readonly growing: GrowingFacts;
  private readonly fresh: Fresh;
  private readonly reserved: ReadonlySet<string>;
  private readonly selectors: ReadonlyMap<string, string>;
  private readonly definitions: ReturnType<typeof definitionsOf>;
  private readonly supports: Supports;
  private readonly products: ReturnType<typeof productDefinitions>;
  /** Tensors in whose formulas a derivative may be infinite. */
  private readonly singular: ReadonlySet<string>;
  /** Those, and all that is computed from them. */
  private readonly breaking = new Set<string>();
  /** Tensors of the layer that a branch makes 0 at some points. */
  private readonly zeros: ReadonlySet<string>;
  /** Stored derivatives that a branch makes 0 at some points. */
  private readonly vanishing = new Set<string>();

  constructor(layer: Layer, selectors: ReadonlyMap<string, string>) {
    this.selectors = selectors;
    this.fresh = freshNames(reservedNames(layer));
    this.reserved = new Set([
      ...reservedWords,
      ...layer.sizes,
      ...[...layer.params, ...layer.derived, ...layer.constants].map((named) => named.name),
      ...layer.tensors.filter((t) => t.shape.length === 0).map((t) => t.name),
    ]);
    this.active = activeTensors(layer);
    this.known = knownOf(layer);
    this.definitions = definitionsOf(layer.statements, this.known);
    this.products = productDefinitions(layer.statements);
    this.supports = supportsOf(layer.statements);
    this.singular = singularTensors(layer);
    this.zeros = new Set(layer.statements.filter((s) => isZeroSomewhere(s.body)).map((s) => s.tensor));
    for (const { tensor, body } of layer.statements)
      if (this.singular.has(tensor) || [...tensorsIn(body)].some((name) => this.breaking.has(name)))
        this.breaking.add(tensor);
    const cotangents = layer.tensors
      .filter((t) => t.role === "output" && t.type === "real")
      .map((t): Tensor => ({ ...t, name: cotangentName(t.name), role: "cotangent", unbounded: false }));
    this.tensors = [...layer.tensors, ...cotangents];
    this.owners = new Map(layer.tensors.map((t) => [t.name, t]));
    this.growing = new GrowingFacts(this.known.facts, this.tensors);
  }

  /** What is declared, and the shapes of all tensors so far. */
  private get facts(): Facts {
    return this.growing.facts;
  }

  private declare(tensor: Tensor): void {
    this.tensors.push(tensor);
    this.growing.take(tensor);
  }

  /** Passes the cotangent of what the statement defines on to what it reads. */
  visit(statement: Statement): void {
    const { tensor } = statement;
    if (!this.active.has(tensor)) return;
    const owner = this.owners.get(tensor);
    const adjoint = owner && this.adjointOf(owner, statement);
    if (adjoint) this.passOn(statement, adjoint);
  }

  /**
   * The adjoint of a recurrence is a recurrence in the opposite order: dT = own + Σ over what reads T, T's own statement among
   * it, of a derivative that comes later. So the derivatives have their names before it is known what they are.
   */
  recurrence(group: readonly Statement[]): void {
    const members = group.flatMap((statement): readonly Member[] => {
      const owner = this.owners.get(statement.tensor);
      return owner && this.active.has(owner.name) ? [{ statement, owner }] : [];
    });
    const isReached = ({ owner }: Member): boolean =>
      owner.role === "output" || (this.pending.get(owner.name) ?? []).length > 0;
    if (!members.some(isReached)) return;
    const unbounded = group.some((s) => this.breaking.has(s.tensor));
    const readers = (tensor: string) =>
      group.flatMap(({ body }, i) => (tensorsIn(body).has(tensor) ? [i] : []));
    /** A sum that is read below alone: all of its derivative is known once those of what reads it have their names. */
    const isPassing = ({ statement, owner }: Member): boolean =>
      owner.role === "local" &&
      holdsReduction(statement.body) &&
      readers(owner.name).every((reader) => reader > group.indexOf(statement));
    const tell = (owner: Tensor, name: string, total: ReturnType<Reverse["total"]>): Statement => {
      const statement = statementOf(name, total);
      this.intermediates.push({ tensor: name, of: owner.name, statement, steps: total.steps });
      return statement;
    };
    const totals = new Map<Member, ReturnType<Reverse["total"]>>();
    const [passing, turning] = [members.filter(isPassing), members.filter((m) => !isPassing(m))];
    const named = new Map(turning.map((member) => [member, this.namedIn(member, unbounded)]));
    for (const [{ statement }, adjoint] of named) this.passOn(statement, adjoint);
    for (const member of passing.toReversed()) {
      const { owner, statement } = member;
      const name = this.fresh.tensor(cotangentName(owner.name));
      const total = this.total(owner, name, this.pending.get(owner.name) ?? [], statement, undefined);
      // of s = Σ e^u only in 1/s·e^u, which is e^(u - ln s), is the derivative of ln s no 0·∞
      const isPassed = isPlainProduct(branchOf(total.body)) && countNodes(total.body) <= inlineLimit;
      const adjoint = isPassed ? { ...total, name } : this.namedIn(member, unbounded, name);
      if (isPassed) tell(owner, name, total);
      else {
        named.set(member, adjoint);
        totals.set(member, total);
      }
      this.passOn(statement, adjoint);
    }
    for (const member of members.toReversed()) {
      const { statement, owner } = member;
      const name = named.get(member)?.name;
      if (name === undefined) continue;
      const given = owner.role === "output" ? cotangentName(owner.name) : undefined;
      const total =
        totals.get(member) ?? this.total(owner, name, this.pending.get(owner.name) ?? [], statement, given);
      // not among `stored`: what reads itself is never written out
      this.backward.push(tell(owner, name, total));
    }
  }

  /** The derivative with respect to a tensor of a recurrence, by its name alone. */
  private namedIn({ owner, statement }: Member, unbounded: boolean, known?: string): Named {
    const given = owner.role === "output" ? cotangentName(owner.name) : undefined;
    const name = known ?? this.fresh.tensor(given ? `total_${given}` : cotangentName(owner.name));
    const indices = targetIndices(owner, [], statement, this.reserved);
    this.declare({ ...owner, name, role: "local", at: undefined, unbounded });
    this.vanishing.add(name);
    return { name, indices, body: readAt(name, indices) };
  }

  /** @param adjoint what the derivative with respect to the statement's tensor is called, and is */
  private passOn(statement: Statement, adjoint: Named): void {
    const { tensor } = statement;
    const { active, fresh, facts } = this;
    const known = knownInside(this.known, factsInside(facts, statement.indices));
    const selector = this.selectors.get(tensor);
    const mayBreak = (e: Expression): boolean =>
      [...tensorsIn(e)].some((name) => this.breaking.has(name)) ||
      (this.singular.has(tensor) && holdsPole(e, known));
    const vanishes = (name: string): boolean => this.zeros.has(name);
    const context = { active, selector, fresh, facts, known, mayBreak, vanishes };
    const found = contributionsOf(statement, adjoint.name, context);
    for (const c of found) {
      const guarded = this.guarded(c, adjoint, statement, known);
      const pending = this.pending.get(c.tensor) ?? [];
      pending.push({ ...guarded, value: adjoint });
      this.pending.set(c.tensor, pending);
    }
  }

  /** 0 where a stored derivative is 0 by a branch, and the slope that it is multiplied by may be infinite. */
  private guarded(
    c: Contribution,
    adjoint: Named,
    { tensor, subscripts }: Statement,
    known: Known,
  ): Contribution {
    if (!this.singular.has(tensor)) return c;
    const by = new Map(adjoint.indices.map(({ name }, axis) => [name, subscripts[axis] ?? integer.zero]));
    const vanishing = accessesIn(adjoint.body).filter((read) => this.vanishing.has(read.tensor));
    if (vanishing.length === 0 || hasNoPole(c.adjoint, known)) return c;
    const moves = vanishing.map(({ tensor: read, subscripts: at, given }) => {
      const value = substitute(build.read(read, at), by);
      // where the branch with the read is not taken, the derivative is what stands in the other
      return given.kind === "truth"
        ? build.compare("!=", value, build.zero)
        : build.not(build.and(substituteCondition(given, by), build.compare("==", value, build.zero)));
    });
    return { ...c, adjoint: build.select(build.and(...moves), c.adjoint, build.zero) };
  }

  /**
   * The whole derivative with respect to an intermediate or output; stored as a statement unless small and pointwise.
   * Undefined where nothing reads it.
   */
  private adjointOf(owner: Tensor, statement: Statement): Named | undefined {
    const contributions = this.pending.get(owner.name) ?? [];
    const given = owner.role === "output" ? cotangentName(owner.name) : undefined;
    if (contributions.length === 0 && !given) return undefined;
    const onlyGiven = given !== undefined && contributions.length === 0;
    const name = onlyGiven ? given : this.fresh.tensor(given ? `total_${given}` : cotangentName(owner.name));
    const total = this.total(owner, name, contributions, statement, given);
    if (!onlyGiven)
      this.intermediates.push({
        tensor: name,
        of: owner.name,
        statement: statementOf(name, total),
        steps: total.steps,
      });
    if (build.isConstant(total.body, 0)) return { ...total, name };
    const pointwise = !holdsReduction(total.body);
    const small = countNodes(total.body) <= inlineLimit;
    const spreads = holdsReduction(statement.body) && !isPlainProduct(total.body);
    if (pointwise && small && !spreads) return { ...total, name };
    const scaled = this.storeSum(owner, total);
    if (scaled) return { ...scaled, name };
    this.store(owner, statementOf(name, total));
    return { indices: total.indices, body: readAt(name, total.indices), name };
  }

  /** A scaled sum a·Σ F: only the sum is stored, so that a can meet the factors of what uses it. */
  private storeSum(owner: Tensor, { indices, body }: Adjoint): Adjoint | undefined {
    if (body.kind !== "multiply") return undefined;
    const [sum, ...others] = body.factors.filter(holdsReduction);
    const scale = build.multiply(...body.factors.filter((f) => f !== sum));
    if (!sum || others.length > 0 || countNodes(scale) > 8) return undefined;
    const name = this.fresh.tensor(`sum_${cotangentName(owner.name)}`);
    this.store(owner, statementOf(name, { indices, body: sum }));
    return { indices, body: build.multiply(scale, readAt(name, indices)) };
  }

  /** A derivative with respect to an intermediate as a statement of the backward pass. */
  private store(owner: Tensor, statement: Statement): void {
    const { facts } = this;
    const { indices, body, tensor: name } = statement;
    const reads = [...tensorsIn(body)];
    const unbounded =
      reads.some((read) => facts.unbounded?.has(read)) ||
      !hasNoPole(body, knownInside(this.known, factsInside(facts, indices)));
    this.declare({ ...owner, name, role: "local", at: undefined, unbounded });
    if (reads.some((read) => this.vanishing.has(read)) || holdsBranch(body)) this.vanishing.add(name);
    this.keep(statement);
  }

  private keep(statement: Statement): void {
    this.backward.push(statement);
    this.stored.set(statement.tensor, statement);
  }

  /** The gradient of an input or weight. */
  finish(tensor: Tensor): void {
    const name = cotangentName(tensor.name);
    const total = this.total(tensor, name, this.pending.get(tensor.name) ?? [], undefined, undefined);
    const statement = statementOf(name, total);
    this.declare({ ...tensor, name, role: "gradient", at: undefined });
    this.keep(statement);
    this.gradients.push({ tensor: name, of: tensor.name, statement, steps: total.steps });
  }

  private total(
    tensor: Tensor,
    name: string,
    contributions: readonly Pending[],
    definition: Statement | undefined,
    given: string | undefined,
  ): Adjoint & { readonly steps: readonly DerivationStep[] } {
    const live = contributions.filter((c) => !build.isConstant(c.value.body, 0));
    const indices = targetIndices(tensor, live, definition, this.reserved);
    const facts = factsInside(this.facts, indices);
    const target = { indices, reserved: this.reserved };
    const trail = new Trail(name, indices, wholeDivisions);
    const own = given ? [readAt(given, indices)] : [];
    const renamed = contributions.map((c) => ({ ...renameTemporarily(c), value: c.value }));
    trail.record("chain rule", build.add(...own, chainRule(renamed, target)));
    const known = renamed.filter((c) => !build.isConstant(c.value.body, 0));
    const called = known.every(({ cotangent, value: { body } }) => isReadOf(cotangent, body));
    const inserted = called ? chainRule(known, target) : chainRule(known, target, productByValue);
    trail.record("put in the derivatives of intermediates", build.add(...own, inserted));
    const written = known.map((c) => withCotangent(c));
    trail.record("join the sums", build.add(...own, ...written.map((c) => withIndicator(c, target))));
    const each = written.map((c) => solved(c, target, facts, this.fresh));
    const gathered = build.add(...own, ...each.map((s) => s.formula));
    const replaced = each.flatMap((s) => s.replaced);
    trail.record("solve the indicator", gathered, { explicit: true, solved: replaced });
    trail.record("bounds of the reads", gathered);
    const decided = trail.record("decide conditions", pruneBranches(gathered, facts));
    const restricted = trail.record("restrict sums", restrictSums(decided, this.supports));
    const simplified = trail.record("take factors out of sums", simplifySums(restricted, facts));
    const { supports, definitions, products } = this;
    const writeOut = (e: Expression, depth: number): Expression => this.writeOut(e, indices, depth);
    // what is subtracted before an exponential is a maximum: its path vanishes, however far the reason is
    const isExtreme = definition !== undefined && this.selectors.has(definition.tensor);
    const rules = { facts, supports, definitions, products, writeOut, isExtreme };
    const cancelled = withoutVanishing(simplified, rules, trail);
    const named = trail.record("call functions by their names", rewritten(cancelled, shortForms));
    const whole = trail.record("cancel quotients", withoutQuotients(named));
    const collected = trail.record("collect terms", collectTerms(whole, facts));
    const folded = fold(foldProducts(collected, products, facts), definitions, facts);
    const final = trail.record("use defined values", collectTerms(simplifySums(folded, facts), facts));
    return { indices, body: wholeDivisions(final), steps: trail.steps };
  }

  /** Stored adjoints written out, unless they are long: those of no more indices than the target, or what they read too. */
  private writeOut(e: Expression, target: readonly Index[], depth: number): Expression {
    const written = rewrite(e, (part) => {
      if (part.kind !== "read") return part;
      const statement = this.stored.get(part.tensor);
      if (!statement || countNodes(statement.body) > inlineLimit) return part;
      if (depth === 0 && statement.indices.length > target.length) return part;
      const value = substitute(statement.body, indicesAt(statement, part.subscripts));
      return depth === 0 ? value : this.writeOut(value, target, depth - 1);
    });
    return withoutHiding(written, new Set(target.map((i) => i.name)));
  }
}

/** Outside reductions a division that comes out even where it is read is written with floor. */
function wholeDivisions(e: Expression): Expression {
  if (e.kind === "reduction") return e;
  return mapChildren(e, {
    expression: wholeDivisions,
    int: (value) =>
      integer.mapAtoms(value, (atom) =>
        atom.kind === "exact" ? integer.floorDivide(atom.numerator, atom.denominator) : undefined,
      ),
  });
}

/** What is left of a formula where the branches that make it 0 do not. */
const branchOf = (e: Expression): Expression =>
  e.kind === "select" && build.isConstant(e.whenFalse, 0) ? branchOf(e.whenTrue) : e;

/** A product of values and whole powers of them: no more work than the product it will become part of. */
function isPlainProduct(e: Expression): boolean {
  const factors = e.kind === "multiply" ? e.factors : [e];
  return factors.every((f) => {
    const base = f.kind === "raise" && f.exponent.kind === "constant" ? f.base : f;
    return (
      base.kind === "read" || base.kind === "constant" || base.kind === "integer" || base.kind === "parameter"
    );
  });
}

const holdsBranch = (e: Expression): boolean => {
  let found = false;
  walk(e, { expression: (part) => void (found ||= part.kind === "select") });
  return found;
};

const isZeroSomewhere = (e: Expression): boolean =>
  whereNotZero(e) !== undefined ||
  (e.kind === "select" && [e.whenTrue, e.whenFalse].some((part) => build.isConstant(part, 0)));
