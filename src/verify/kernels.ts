/**
 * Kernels against the reference evaluator: at sizes drawn, at sizes where the kernels change course, with all axes equally
 * long, and at values that are awkward: 0 and ±1, ties, and beyond what float32's `exp` carries.
 */
import type { Expression } from "../notation/expression.js";
import { cotangentName, type Layer } from "../notation/layer.js";
import { walk } from "../notation/traverse.js";
import { legality } from "../ranges/sample.js";
import type { CheckOptions, CheckSubject } from "./check.js";
import { drawInputs, varied, type Kind } from "./draw.js";
import { sizesAtEdges } from "./edges.js";
import { evaluateLayer } from "./evaluate.js";
import { expectedOf, type Case } from "./expected.js";
import { drawCotangents } from "./loss.js";
import { float64 } from "./numbers.js";
import { NoValue } from "./out-of-bounds.js";
import { randomFrom, type Random } from "./random.js";
import type { Rows } from "./report.js";
import { sizesToTry, smallSizes } from "./sizes.js";
import { KernelJudge, type Target } from "./targets.js";
import type { Sizes, Values } from "./trial.js";

/** What is tried on some targets. */
interface Attempt {
  readonly sizes: Sizes;
  readonly kind: Kind;
  readonly targets: readonly Target[];
  readonly thorough: boolean;
}

/** A case, and the targets that it is for. */
export interface KernelCase extends Pick<Attempt, "targets" | "thorough"> {
  readonly known: Case;
}

/** Judges all kernels of all targets. */
export async function checkKernels(subject: CheckSubject, options: CheckOptions, rows: Rows): Promise<void> {
  const { layer, targets = [] } = subject;
  const judges = targets.map((target) => new KernelJudge(layer, target));
  try {
    for (const { known, thorough, targets: own } of kernelCases(subject, options, rows))
      for (const judge of judges)
        if (own.includes(judge.target)) await judgeCase(judge, layer, known, thorough, rows);
    for (const target of targets) await checkByTarget(target, layer, options, rows);
  } finally {
    for (const judge of judges) judge.close();
  }
}

/**
 * The gradients by what the target itself has to check them, away from kinks and at small sizes. Where that fails, other values
 * are drawn: close to a pole no finite difference is right, a wrong gradient is wrong everywhere.
 */
async function checkByTarget(
  target: Target,
  layer: Layer,
  { seed }: CheckOptions,
  rows: Rows,
): Promise<void> {
  // it holds no value of stop(…) fixed
  if (!target.gradientFault || layer.statements.some(({ body }) => holdsStop(body))) return;
  const random = randomFrom(seed, `${layer.name} gradients by ${target.name}`);
  let fault: { readonly sizes: Sizes; readonly reason: string } | undefined;
  for (let draw = 0; draw < draws; draw++) {
    const sizes = smallSizes(layer, random, pointsOfGradients);
    const drawn = sizes && drawInputs(layer, sizes, random);
    if (!sizes || !drawn || drawn.distance < clearOfKinks) continue;
    if (!hasFiniteOutputs(layer, sizes, drawn.inputs)) continue;
    const reason = await target.gradientFault(sizes, drawn.inputs);
    fault = reason === undefined ? undefined : (fault ?? { sizes, reason });
    if (!fault) break;
  }
  if (fault) rows.broken(layer, `${target.name} gradcheck`, fault.sizes, fault.reason, "gradients");
}
const [pointsOfGradients, clearOfKinks] = [40, 2 ** -10];
function hasFiniteOutputs(layer: Layer, sizes: Sizes, inputs: Values): boolean {
  const values = evaluateLayer(layer, sizes, inputs, float64);
  const outputs = layer.tensors.filter((t) => t.role === "output");
  return outputs.every(({ name }) => Array.from(values.get(name) ?? []).every(Number.isFinite));
}
function holdsStop(body: Expression): boolean {
  let found = false;
  walk(body, { expression: (e) => void (found ||= e.kind === "stop") });
  return found;
}

/** What the kernels of the subject's targets are compared with: the same for the same seed, whatever they do. */
export function* kernelCases(
  subject: CheckSubject,
  options: CheckOptions,
  rows: Rows,
): Generator<KernelCase> {
  const { layer, targets = [] } = subject;
  if (targets.length === 0) return;
  const random = randomFrom(options.seed, `${layer.name} kernels`);
  for (const attempt of attempts(subject, targets, options, random)) {
    const known = caseOf(subject, attempt, random, rows);
    if (known) yield { known, targets: attempt.targets, thorough: attempt.thorough };
  }
}

const special: readonly Kind[] = ["units", "tied", "vast"];

function* attempts(
  subject: CheckSubject,
  targets: readonly Target[],
  { trials, sizes: wanted }: CheckOptions,
  random: Random,
): Generator<Attempt> {
  const { layer } = subject;
  const tried: Sizes[] = [];
  const plain = (sizes: Sizes): Attempt => (
    tried.push(sizes),
    { sizes, kind: "plain", targets, thorough: true }
  );
  for (const sizes of sizesToTry(layer, trials, wanted, random)) yield plain(sizes);
  for (const sizes of equalSizes(layer)) yield plain(sizes);
  for (const sizes of longAxes(layer, random)) yield { sizes, kind: "plain", targets, thorough: false };
  for (const kind of [...special, ...special]) {
    const sizes = smallSizes(layer, random, pointsOfSpecial);
    if (sizes) yield { sizes, kind, targets, thorough: false };
  }
  const edges = new Map<string, { readonly sizes: Sizes; readonly targets: Target[] }>();
  for (const target of targets)
    for (const sizes of target.stated ? sizesAtEdges(subject, target.stated, tried, random) : []) {
      const key = JSON.stringify(sizes);
      const entry = edges.get(key) ?? { sizes, targets: [] };
      entry.targets.push(target);
      edges.set(key, entry);
    }
  const isSmall = legality(layer, pointsOfSpecial);
  let turn = 0;
  for (const edge of edges.values()) {
    yield { ...edge, kind: "plain", thorough: false };
    // long rows and whole tiles have maxima and ties too
    if (!isSmall(edge.sizes)) continue;
    yield { ...edge, kind: special[turn++ % special.length] ?? "tied", thorough: false };
  }
}
const pointsOfSpecial = 600;

/** All sizes equal, so that what is exchanged stays in bounds. */
function equalSizes(layer: Layer): readonly Sizes[] {
  const isLegal = legality(layer, pointsOfEqual);
  const params = Object.fromEntries(layer.params.map((p) => [p.name, p.value]));
  return [3, 2, 4, 5, 1]
    .map((n) => ({ ...Object.fromEntries(layer.sizes.map((name) => [name, n])), ...params }))
    .filter(isLegal)
    .slice(0, 2);
}
const pointsOfEqual = 3000;

/** One axis after the other long, the others short: several turns of a loop in each phase of a stride. */
function* longAxes(layer: Layer, random: Random): Generator<Sizes> {
  const isLegal = legality(layer, pointsOfEqual);
  for (const name of layer.sizes)
    for (let draw = 0; draw < draws; draw++) {
      const base = smallSizes(layer, random, pointsOfSpecial / 2);
      const sizes = { ...base, [name]: 8 + random.integer(12) };
      if (!base || !isLegal(sizes)) continue;
      yield sizes;
      break;
    }
}

/** Draws until no branch is near, a few times. */
function caseOf(
  { layer, gradientLayer }: CheckSubject,
  { sizes, kind, targets }: Attempt,
  random: Random,
  rows: Rows,
): Case | undefined {
  const dtypes = targets.flatMap((t) => t.dtypes);
  let best: Case | undefined;
  for (let draw = 0; draw < draws; draw++)
    try {
      const drawn = drawInputs(layer, sizes, random, attemptsOfDraw);
      const inputs = varied(layer, sizes, drawn.inputs, kind, random);
      const cotangents = drawCotangents(layer, sizes, () => Math.fround(random.normal()));
      const found = expectedOf(layer, gradientLayer, { sizes, inputs, cotangents }, kind !== "plain");
      best ??= found;
      if (!dtypes.every(found.isClear)) continue;
      best = found;
      break;
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
      rows.broken(layer, "reference", sizes, error.message);
      return undefined;
    }
  return best;
}
const [draws, attemptsOfDraw] = [3, 4];

async function judgeCase(
  judge: KernelJudge,
  layer: Layer,
  known: Case,
  thorough: boolean,
  rows: Rows,
): Promise<void> {
  const { target } = judge;
  try {
    for await (const found of judge.judge(known, thorough)) {
      const name = found.comparison === "gradient" ? cotangentName(found.tensor) : found.tensor;
      const comparison = `${found.comparison} ${target.name} ${found.dtype}` as const;
      rows.found(name, comparison, found, found, found.shape);
    }
  } catch (error) {
    // a plan that refuses legal sizes, or a kernel that throws
    const reason = error instanceof Error ? error.message : String(error);
    rows.broken(layer, target.name, known.sizes, reason);
  }
}
