/** `leibniz derive`: the mathematics of one layer. */
import type { Derived } from "../calculus/derivation.js";
import { jacobianOf, type Jacobian } from "../calculus/jacobian.js";
import { LayerError } from "../language/problem.js";
import { describe, differentiated, stepDetails, type StepDetail } from "../targets/document/derivation.js";
import { toHtml } from "../targets/document/html/page.js";
import { toDocument } from "../targets/document/json.js";
import { toLatex } from "../targets/document/latex/document.js";
import { toMarkdown } from "../targets/document/markdown.js";
import { toText } from "../targets/document/text.js";
import { isDifferentiated, type Layer } from "../notation/layer.js";
import { resolveSizes } from "../ranges/sizes.js";
import { jsonText } from "./json.js";
import { readSizes } from "./options.js";
import { status, UsageError, type Status } from "./failure.js";
import { chooseSpecs, projectSpecs, type Settings } from "./settings.js";
import { shelfBeside } from "./shelf.js";
import { reportOf, sourceOf } from "./tasks.js";
import type { Terminal } from "./terminal.js";
import { deriveText } from "../pipeline.js";
import { judgeClaims } from "../verdicts.js";

export interface DeriveOptions {
  readonly wrt?: string;
  readonly format: string;
  readonly steps: string;
  readonly jacobian?: string;
  readonly sizes?: string;
}
const formats = ["text", "markdown", "latex", "html", "json"];

/** @throws UsageError for an unknown format, tensor or detail of steps */
export async function derive(
  argument: string,
  settings: Settings,
  options: DeriveOptions,
  terminal: Terminal,
): Promise<Status> {
  const { format, steps } = options;
  if (!formats.includes(format))
    throw new UsageError(`unknown format ${format}; there are ${formats.join(", ")}`);
  if (!isStepDetail(steps)) throw new UsageError(`--steps has to be ${stepDetails.join(", ")}, not ${steps}`);
  const specs = await chooseSpecs([argument], settings);
  const [spec] = specs;
  if (!spec || specs.length > 1)
    throw new UsageError(`derive takes one spec; ${argument} names ${specs.length}`);

  try {
    const source = await sourceOf(spec);
    const shelf = shelfBeside(spec, await projectSpecs(settings));
    const compiled = deriveText(source.text, spec.file, { shelf: shelf.find });
    const { layer, derived } = compiled;
    const { wrt } = options;
    if (wrt !== undefined && !differentiated(derived).includes(wrt))
      throw new UsageError(
        `${spec.file} has no gradient with respect to ${wrt}; there are ${differentiated(derived).join(", ")}`,
      );
    const claims = judgeClaims(compiled, source);
    const jacobian = readJacobian(options, layer, derived);
    const derivation = describe(layer, derived, { wrt, steps, claims, jacobian });
    const { color } = terminal;
    if (format === "json") terminal.out(jsonText(toDocument(derivation), 2));
    else if (format === "markdown") terminal.out(toMarkdown(derivation).trimEnd());
    else if (format === "latex") terminal.out(toLatex(derivation).trimEnd());
    else if (format === "html") terminal.out(toHtml(derivation).trimEnd());
    else
      terminal.out(
        toText(derivation, terminal.columns, { heading: color.bold, note: color.dim, result: color.green }),
      );
    return claims.some(({ verdict }) => verdict === "refuted") ? status.failed : status.good;
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    const { problems, rendered } = reportOf(error, terminal.errorColor.isColorSupported);
    if (format === "json") terminal.out(jsonText({ problems }));
    else terminal.error(rendered);
    return status.wrong;
  }
}

/** @throws UsageError for unknown tensors, and sizes that the layer does not allow or that are too large */
function readJacobian(
  { jacobian, sizes }: DeriveOptions,
  layer: Layer,
  derived: Derived,
): Jacobian | undefined {
  if (jacobian === undefined) {
    if (sizes === undefined) return undefined;
    throw new UsageError("--sizes goes with --jacobian, as in --jacobian z,x --sizes N=1,C=2");
  }
  const [output = "", by = "", ...rest] = jacobian.split(",").map((name) => name.trim());
  if (output === "" || by === "" || rest.length > 0)
    throw new UsageError(`--jacobian takes an output and a tensor, as in --jacobian z,x, not ${jacobian}`);
  const outputs = layer.tensors.filter((t) => t.role === "output" && t.type === "real");
  const z = outputs.find((t) => t.name === output);
  if (!z)
    throw new UsageError(
      `${layer.name} has no real output ${output}; there are ${outputs.map((t) => t.name).join(", ") || "none"}`,
    );
  const x = layer.tensors.find((t) => t.name === by && isDifferentiated(t));
  if (!x)
    throw new UsageError(
      `${layer.name} has no gradient with respect to ${by}; there are ${differentiated(derived).join(", ")}`,
    );
  const resolved = resolveSizes(layer, sizes === undefined ? {} : readSizes(sizes));
  if (!resolved.ok) throw new UsageError(`--sizes: ${resolved.message}`);
  try {
    return jacobianOf(derived, z, x, resolved.env);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

const isStepDetail = (text: string): text is StepDetail => (stepDetails as readonly string[]).includes(text);
