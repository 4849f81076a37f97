/** Everything that is asked of one generated layer, and the first thing that is wrong with it. */
import { gradientLayer } from "../../src/calculus/differentiate.js";
import { parseLayer } from "../../src/language/parse.js";
import { printLayer as printText } from "../../src/language/print.js";
import { LayerError, type Problem } from "../../src/language/problem.js";
import { keyOfExpression } from "../../src/notation/key.js";
import { cotangentName, type Layer as Parsed } from "../../src/notation/layer.js";
import { compileText, deriveText, type Compiled } from "../../src/pipeline.js";
import { describe as describeLayer } from "../../src/targets/document/derivation.js";
import { toMarkdown } from "../../src/targets/document/markdown.js";
import { boundsChecks, checkBounds } from "../../src/ranges/checks.js";
import { inferRanges } from "../../src/ranges/infer.js";
import { resolveSizes } from "../../src/ranges/sizes.js";
import { compileLayer } from "../../src/verify/evaluate.js";
import { judgeGradients, proveGradients } from "../../src/verify/gradients.js";
import { float64 } from "../../src/verify/numbers.js";
import { NoValue } from "../../src/verify/out-of-bounds.js";
import { randomFrom } from "../../src/verify/random.js";
import { toleranceOf } from "../../src/verify/report.js";
import type { Target } from "../../src/verify/targets.js";
import { makeTrial as drawTrial, type Values } from "../../src/verify/trial.js";
import type { Gpu } from "../../src/webgpu/adapter.js";
import { told } from "../targets/document/formulas.js";
import type { Layer } from "./ast.js";
import { difference, type By } from "./compare.js";
import { Illegal, type Given } from "./evaluate.js";
import { filesOf, plansOf } from "./load.js";
import { printLayer } from "./print.js";
import { drawNames, makeTrial, type Kind, type Trial } from "./trial.js";

export interface Fault {
  /** What kind of fault, which shrinking keeps. */
  readonly what: string;
  readonly detail: string;
}
export interface Verdict {
  readonly text: string;
  readonly refused?: readonly Problem[];
  readonly fault?: Fault;
  /** What was generated, to be type-checked with that of others. */
  readonly files: Readonly<Record<string, string>>;
}
export interface Means {
  /** One device for all layers. */
  readonly gpu?: Gpu | undefined;
  /** Whether the kernels of WebAssembly are run too. */
  readonly wasm?: boolean | undefined;
  /** How many sizes are tried. */
  readonly trials: number;
  /** Whether the gradients are differentiated again. */
  readonly second: boolean;
  /** Whether the derivation is written out. */
  readonly documents: boolean;
  /** The fault looked for: steps that come after it, or cannot show it, are left out. */
  readonly only?: string;
}

const header = { spec: "sample.layer", hash: "0", version: "0" };

class Wrong extends Error {
  readonly what: string;
  constructor(what: string, detail: string) {
    super(detail);
    this.what = what;
  }
}

/** Milliseconds by stage, over all layers. */
export const spent = new Map<string, number>();
async function timed<T>(stage: string, act: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await act();
  } finally {
    spent.set(stage, (spent.get(stage) ?? 0) + performance.now() - start);
  }
}

export async function judge(layer: Layer, seed: number, means: Means): Promise<Verdict> {
  const text = printLayer(layer);
  const files: Record<string, string> = {};
  try {
    const compiled = await timed("compile", () => compileText(text, "sample.layer"));
    const printed = await timed("print", () => roundTrip(text));
    if (means.only === "printed") return { text, files };
    const needsKernels = !/^(reference|first|second|gradients)/u.test(means.only ?? "");
    if (needsKernels) Object.assign(files, await timed("emit", () => filesOf(compiled, means)));
    const plans = needsKernels ? await timed("load", () => plansOf(compiled, files, means.gpu)) : [];
    if (means.documents)
      await timed("documents", () => toMarkdown(describeLayer(compiled.layer, compiled.derived), header));
    const names = await judgeTrials(layer, compiled, plans, printed, seed, means);
    if (means.documents && names) await timed("documents", () => judgeFormulas(compiled, names));
    if (means.second && names) await timed("second order", () => judgeSecond(compiled, names, seed));
    return { text, files };
  } catch (error) {
    if (error instanceof LayerError) {
      const unplaced = error.problems.find(({ span }) => !(span.end > span.start));
      if (!unplaced) return { text, files, refused: error.problems };
      return { text, files, fault: { what: "problem without a place", detail: unplaced.message } };
    }
    if (error instanceof Wrong) return { text, files, fault: { what: error.what, detail: error.message } };
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { text, files, fault: { what: "thrown", detail: detail.split("\n").slice(0, 6).join("\n") } };
  }
}

/**
 * Printed and parsed again it is the same once its ranges are known, whether it is printed before that or after. A guard that
 * reads imply goes unprinted; where the keys differ by one, the second print is the first, and values decide: those are given back.
 */
function roundTrip(text: string): readonly Parsed[] {
  const layer = parsed(text);
  const closed = inferRanges(layer).layer;
  return [printText(layer), printText(closed)].flatMap((printed) => {
    const again = inferRanges(parsed(printed));
    const same = closed.statements.every((s, i) => {
      const other = again.layer.statements[i];
      return other?.tensor === s.tensor && keyOfExpression(other.body) === keyOfExpression(s.body);
    });
    if (again.problems.length > 0 || (!same && printText(again.layer) !== printText(closed)))
      throw new Wrong("printed", `another layer when printed:\n${printed}`);
    return same ? [] : [again.layer];
  });
}
function parsed(text: string): Parsed {
  const { layer, problems, source } = parseLayer(text, "sample.layer");
  if (!layer || problems.length > 0) throw new Wrong("printed", new LayerError(problems, source).message);
  return layer;
}
const kinds: readonly Kind[] = ["plain", "tied", "plain", "wide", "tied"];

async function judgeTrials(
  layer: Layer,
  compiled: Compiled,
  plans: readonly Target[],
  printed: readonly Parsed[],
  seed: number,
  { trials }: Means,
): Promise<Given["names"] | undefined> {
  const random = randomFrom(seed, "sizes");
  let legal: Given["names"] | undefined;
  for (let i = 0; i < trials; i++) {
    const equal = i === 1 ? 1 + random.integer(3) : undefined;
    const names = drawNames(layer, random, equal) ?? drawNames(layer, random);
    if (!names) continue;
    const kind = kinds[i % kinds.length] ?? "plain";
    let trial: Trial;
    try {
      trial = await timed("own evaluator", () => makeTrial(layer, names, kind, seed + i));
    } catch (error) {
      if (!(error instanceof Illegal)) throw error;
      await refuses(plans, names, error.message);
      continue;
    }
    await timed("reference", () => judgeReference(compiled, trial));
    for (const again of printed) {
      const values = compileLayer(again, names, float64).run(trial.tensors);
      agree("printed", trial, "f64", "outputs", (name) => values.get(name));
    }
    for (const plan of plans)
      for (const dtype of plan.dtypes)
        await timed(`${plan.name} ${dtype}`, () => judgePlan(trial, plan, dtype));
    if (!legal) await timed("first order", () => judgeDerivatives(compiled, names, seed, "first order"));
    legal = names;
  }
  return legal;
}

/** Sizes at which a read is out of bounds are refused by a plan. */
async function refuses(plans: readonly Target[], names: Given["names"], why: string): Promise<void> {
  for (const plan of plans)
    try {
      const made = await plan.plan(names, plan.dtypes[0] ?? "f32");
      made.close?.();
      throw new Wrong("illegal sizes", `${plan.name} takes ${JSON.stringify(names)}, where ${why}`);
    } catch (error) {
      if (error instanceof Wrong) throw error;
    }
}

function judgeReference({ layer, gradientLayer }: Compiled, trial: Trial): void {
  const { names, tensors } = trial;
  const cotangents = [...trial.cotangents].map(([name, v]) => [cotangentName(name), v] as const);
  try {
    const forward = compileLayer(layer, names, float64).run(tensors);
    agree("reference", trial, "f64", "outputs", (name) => forward.get(name));
    const backward = compileLayer(gradientLayer, names, float64).run(new Map([...tensors, ...cotangents]));
    agree("reference", trial, "f64", "gradients", (name) => backward.get(`g_${name}`));
  } catch (error) {
    if (!(error instanceof NoValue) && !(error instanceof RangeError)) throw error;
    throw new Wrong("reference out of bounds", `${error.message} at ${JSON.stringify(names)}`);
  }
}

function agree(
  by: string,
  trial: Trial,
  dtype: By,
  which: "outputs" | "gradients",
  result: (name: string) => ArrayLike<number> | undefined,
): void {
  // float32 has no room for what is computed on the way
  if (dtype === "f32" && !(trial.largest < 1e12)) return;
  for (const [name, expected] of trial[which]) {
    const found = difference(result(name), expected, dtype, trial.kind);
    if (!found) continue;
    const tensor = which === "outputs" ? name : cotangentName(name);
    const where = `${tensor}[${found.element.join(", ")}] is ${found.got}, and should be ${found.expected}`;
    throw new Wrong(`${by} ${which}`, `${where}\nat ${JSON.stringify(trial.names)}, ${describe(trial)}`);
  }
}
const describe = ({ tensors, cotangents }: Trial): string =>
  [...tensors, ...[...cotangents].map(([name, v]) => [cotangentName(name), v] as const)]
    .map(([name, values]) => `${name} = [${values.map((v) => Number(v.toPrecision(9))).join(", ")}]`)
    .join(", ");

async function judgePlan(trial: Trial, target: Target, dtype: By): Promise<void> {
  const by = `${target.name} ${dtype}`;
  const real = (v: readonly number[]): Float32Array | Float64Array =>
    dtype === "f32" ? Float32Array.from(v) : Float64Array.from(v);
  const attempt = async <T>(act: () => T | Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Wrong(`${by} fails`, `${message}\nat ${JSON.stringify(trial.names)}`);
    }
  };
  const plan = await attempt(() => target.plan(trial.names, dtype));
  try {
    const inputs = Object.fromEntries(
      [...trial.tensors].map(([name, v]) => [name, trial.integers.has(name) ? Int32Array.from(v) : real(v)]),
    );
    const { saved, ...outputs } = await attempt(() => plan.forward(inputs));
    agree(by, trial, dtype, "outputs", (name) => outputs[name] as ArrayLike<number>);
    if (trial.gradients.size === 0) return;
    const cotangents = [...trial.cotangents].map(([name, v]) => [cotangentName(name), real(v)] as const);
    const given = { ...inputs, ...Object.fromEntries(cotangents), ...(saved as object) };
    const gradients = await attempt(() => plan.backward(given));
    agree(by, trial, dtype, "gradients", (name) => gradients[cotangentName(name)] as ArrayLike<number>);
    const [one] = trial.gradients.keys();
    if (one === undefined || dtype === "f32") return;
    const only = { only: [cotangentName(one)] };
    const alone = await attempt(() => plan.backward(given, {}, only));
    const own = { ...trial, gradients: new Map([...trial.gradients].filter(([name]) => name === one)) };
    agree(by, own, dtype, "gradients", (name) => alone[cotangentName(name)] as ArrayLike<number>);
  } finally {
    plan.close?.();
  }
}

/** Finite differences, forward mode and exact arithmetic, all of the reference evaluator. */
function judgeDerivatives(
  { layer, gradientLayer }: Pick<Compiled, "layer" | "gradientLayer">,
  names: Given["names"],
  seed: number,
  order: string,
): void {
  const random = randomFrom(seed, order);
  const trial = drawTrial(layer, gradientLayer, names, random);
  if (trial.fault !== undefined)
    throw new Wrong(`${order} out of bounds`, `${trial.fault} at ${JSON.stringify(names)}`);
  const finite = (values: Values): boolean =>
    [...values.values()].every((v) => Array.from(v).every((x) => Math.abs(x) < 1e9));
  if (finite(trial.forward) && finite(trial.gradients) && trial.distance > 1e-4)
    for (const { tensor, comparison, error, got, expected } of judgeGradients(layer, trial, random))
      if (!(error <= 10 * toleranceOf(comparison)))
        throw new Wrong(
          `${order} ${comparison}`,
          `${cotangentName(tensor)} is ${got}, and should be ${expected}, at ${JSON.stringify(names)}`,
        );
  for (const [tensor, evidence] of proveGradients(layer, gradientLayer, trial, random))
    if (evidence?.rational && evidence.differs !== undefined)
      throw new Wrong(
        `${order} exact`,
        `${cotangentName(tensor)} differs at element ${evidence.differs}, at ${JSON.stringify(names)}`,
      );
}

/** The formulas of the derivation, put together as a layer, read in bounds. */
function judgeFormulas(compiled: Compiled, names: Given["names"]): void {
  let layer: Parsed;
  try {
    ({ layer } = told(compiled, { steps: "main" }));
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    throw new Wrong("formulas refused", error.message);
  }
  const { checks, problems } = boundsChecks(layer);
  const resolved = resolveSizes(layer, names);
  const failing = checks.find((c) => c.kind === "bounds" && resolved.ok && checkBounds(c, resolved.env));
  const message = problems[0]?.message ?? (failing?.kind === "bounds" ? failing.text : undefined);
  if (message !== undefined)
    throw new Wrong("formulas out of bounds", `${message} at ${JSON.stringify(names)}`);
}

/** The gradients as a layer of their own: printed, parsed, and differentiated again. */
function judgeSecond(compiled: Compiled, names: Given["names"], seed: number): void {
  const layer = gradientLayer(compiled.derived);
  if (!layer.tensors.some((t) => t.role === "output")) return;
  const text = printText(layer);
  let again: ReturnType<typeof deriveText>;
  try {
    again = deriveText(text, "sample.layer");
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    throw new Wrong("gradients refused", `${error.message}\n${text}`);
  }
  judgeDerivatives(again, names, seed, "second order");
}
