/** The settings of a plan: sizes and params, what is computed from them, and everything that is checked of them. */
import { escapeTemplate, quote } from "../../notation/line-ends.js";
import type { PlanCheck, PlanConstant, Program } from "../../kernels/program.js";
import type { Int } from "../../notation/integer.js";
import { literal, variablesOf } from "../../notation/integer.js";
import { namesInCondition } from "../../notation/traverse.js";
import { conditionText, realText } from "../code/expressions.js";
import { intText } from "../code/integers.js";
import { languageText } from "../code/layer-language.js";
import type { CheckName } from "./machinery.js";
import { key } from "./names.js";
import { acceptedNames } from "./tensors.js";
import type { TypeScriptSpeller } from "./words.js";

/** Settings, derived sizes and constants, and everything that is checked of them; what uses them is spelled already. */
export function checksText(
  program: Pick<Program, "layer" | "checks" | "planConstants">,
  speller: TypeScriptSpeller,
  used: Set<CheckName>,
): readonly string[] {
  const { scope } = speller;
  const check = (name: CheckName): void => void used.add(name).add("textOf");
  const bounds = program.checks.flatMap((c) => (c.kind === "bounds" ? [boundsText(c, speller)] : []));
  if (bounds.length > 0) check("outOfBounds");
  const conditions = program.checks.flatMap((c) =>
    c.kind === "condition"
      ? [`requireThat(${conditionText(c.condition, speller)}, ${quote(c.message)}, values);`]
      : [],
  );
  if (conditions.length > 0) check("requireThat");
  const reals = whereUsed(program.layer.constants, speller, (c) => realText(c.value, speller));
  const constants = whereUsed(program.planConstants, speller, (c) => constantText(c, speller));
  const derived = program.layer.derived.map(
    ({ name, value }) => `const ${scope.value(name)} = ${intText(value, speller)};`,
  );
  if (derived.length > 0) check("checkDerived");
  const derivedNames = program.layer.derived.map(({ name }) => binding(name, speller)).join(", ");

  const settings = [...program.layer.sizes, ...program.layer.params.map((p) => p.name)];
  const bound = settings.filter((name) => scope.read.has(name)).map((name) => binding(name, speller));
  const values = `readSettings(settings, sizes)`;
  return [
    used.size > 0 ? `const values = ${values};` : bound.length === 0 ? `${values};` : "",
    bound.length > 0 ? `const { ${bound.join(", ")} } = ${used.size > 0 ? "values" : values};` : "",
    ...derived,
    ...constants,
    ...reals,
    ...conditions,
    derived.length > 0 ? `checkDerived({ ${derivedNames} }, values);` : "",
    ...bounds,
  ];
}

/** The layer's name, its settings, and the names of its tensors. */
export function namesText(program: Pick<Program, "layer" | "buffers">): string {
  const { layer } = program;
  const settings = [
    ...layer.sizes.map((name) => `{ name: ${quote(name)}, kind: "size" },`),
    ...layer.params.map((p) => {
      const kind = p.type === "real" ? "real" : p.positive ? "positive" : "integer";
      return `{ name: ${quote(p.name)}, kind: "${kind}", value: ${p.value} },`;
    }),
  ];
  const tensors = acceptedNames(program).map((n) => quote(n));
  return `const layerName = ${quote(layer.name)};
const settings: readonly Setting[] = [${settings.join("\n")}];
const tensorNames: ReadonlySet<string> = new Set([${tensors.join(", ")}]);`;
}

/** `N`, or `in: in2` where the identifier differs from the name. */
function binding(name: string, speller: TypeScriptSpeller): string {
  const identifier = speller.scope.value(name);
  return identifier === name ? name : `${key(name)}: ${identifier}`;
}

/** Constants that something after them uses, in order. */
function whereUsed<T extends { readonly name: string }>(
  constants: readonly T[],
  { scope }: TypeScriptSpeller,
  text: (constant: T) => string,
): readonly string[] {
  return [...constants]
    .reverse()
    .flatMap((c) => (scope.read.has(c.name) ? [`const ${scope.value(c.name)} = ${text(c)};`] : []))
    .reverse();
}

function constantText(constant: PlanConstant, speller: TypeScriptSpeller): string {
  const int = (value: Int): string => intText(value, speller);
  switch (constant.kind) {
    case "value":
      return int(constant.value);
    case "gcd":
      return `${speller.need("gcd")}(${int(constant.left)}, ${int(constant.right)})`;
    case "inverse":
      return `${speller.need("inverse")}(${int(constant.value)}, ${int(constant.modulus)})`;
  }
}

/** Loops over the indices that matter; the first point out of bounds is named. */
function boundsText(check: Extract<PlanCheck, { kind: "bounds" }>, speller: TypeScriptSpeller): string {
  const { scope } = speller;
  const matter = namesInCondition(check.given, variablesOf(check.subscript));
  variablesOf(check.extent, matter);
  for (const { name, extent } of [...check.indices].reverse())
    if (matter.has(name)) variablesOf(extent, matter);
  const indices = check.indices.filter(({ name }) => matter.has(name));
  const point = indices.map(({ name }) => (scope.declare(name), binding(name, speller))).join(", ");
  const extent = intText(check.extent, speller);
  const extentText = languageText(check.extent);
  const shown =
    literal(check.extent) !== undefined ? quote(extent) : `\`${escapeTemplate(extentText)} = \${${extent}}\``;
  const text = quote(check.text);
  const fails = `throw outOfBounds(${text}, ${check.axis}, subscript, ${shown}, { ${point} }, values);`;
  const given =
    check.given.kind === "truth" && check.given.value ? "" : `if (${conditionText(check.given, speller)}) `;
  const inner = `${given}{
    const subscript = ${intText(check.subscript, speller)};
    if (subscript < 0 || subscript >= ${extent}) ${fails}
  }`;
  return indices.reduceRight((body, index) => {
    const name = scope.declare(index.name);
    return `for (let ${name} = 0; ${name} < ${intText(index.extent, speller)}; ${name}++) ${body}`;
  }, inner);
}
