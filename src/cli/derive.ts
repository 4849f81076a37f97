/** `leibniz derive`: the mathematics of one layer. */
import { LayerError } from "../language/problem.js";
import { describe, differentiated, stepDetails, type StepDetail } from "../targets/document/derivation.js";
import { toHtml } from "../targets/document/html/page.js";
import { toJson } from "../targets/document/json.js";
import { toLatex } from "../targets/document/latex/document.js";
import { toMarkdown } from "../targets/document/markdown.js";
import { toText } from "../targets/document/text.js";
import { status, UsageError, type Status } from "./failure.js";
import { chooseSpecs, type Settings } from "./settings.js";
import { compileFile, reportOf } from "./tasks.js";
import type { Terminal } from "./terminal.js";
import { judgeClaims } from "../verdicts.js";

export interface DeriveOptions {
  readonly wrt?: string;
  readonly format: string;
  readonly steps: string;
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
    const { source, compiled } = await compileFile(spec);
    const { layer, derived } = compiled;
    const { wrt } = options;
    if (wrt !== undefined && !differentiated(derived).includes(wrt))
      throw new UsageError(
        `${spec.file} has no gradient with respect to ${wrt}; there are ${differentiated(derived).join(", ")}`,
      );
    const claims = judgeClaims(compiled, source);
    const derivation = describe(layer, derived, { wrt, steps, claims });
    const { color } = terminal;
    if (format === "json") terminal.out(toJson(derivation));
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
    if (format === "json") terminal.out(JSON.stringify({ problems }));
    else terminal.error(rendered);
    return status.wrong;
  }
}

const isStepDetail = (text: string): text is StepDetail => (stepDetails as readonly string[]).includes(text);
