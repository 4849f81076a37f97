/** `leibniz read`: the equations of a document, as layers and judged claims. */
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { readDocument } from "../reading/read.js";
import { toHtml } from "../reading/report/html.js";
import { layerFiles } from "../reading/report/files.js";
import type { DocumentReport } from "../reading/report/report.js";
import { describeCounterexample } from "./failures.js";
import { status, UsageError, type Status } from "./failure.js";
import { jsonText } from "./json.js";
import { describeConflict, describeLeft } from "./output/describe.js";
import { changeFolder } from "./output/output.js";
import { keptEntries, planChanges, type Plan } from "./output/plan.js";
import { readingText } from "./reading-text.js";
import { reasonOf } from "./system.js";
import { plural, type Terminal } from "./terminal.js";

export interface ReadOptions {
  readonly format: string;
  /** A folder for the layers that were read. */
  readonly write?: string | undefined;
}
const formats = ["text", "html", "json"];

/** @throws UsageError for a file that cannot be read, an unknown format, or a folder that cannot be written */
export async function read(
  paper: string,
  folder: string,
  { format, write }: ReadOptions,
  terminal: Terminal,
): Promise<Status> {
  if (!formats.includes(format))
    throw new UsageError(`unknown format ${format}; there are ${formats.join(", ")}`);
  const text = await contentsOf(resolve(folder, paper), paper);
  const report = readDocument(text, basename(paper), (done, all) =>
    terminal.progress(`reading equation ${done}/${all} of ${paper}`),
  );
  terminal.progress("");
  const written = write === undefined ? undefined : await writeLayers(report, resolve(folder, paper), resolve(folder, write), write); // prettier-ignore
  if (format === "json") terminal.out(jsonText(report));
  else if (format === "html") terminal.out(toHtml(report, describeCounterexample));
  else terminal.out(readingText(report, terminal));
  if (written) {
    if (format === "text")
      terminal.out(`\n${plural(written.writes.length + written.current, "layer")} written to ${write}`);
    for (const line of describeLeft(written.left, write ?? "")) terminal.error(line);
  }
  return report.counts.refuted + report.counts.unfitting > 0 ? status.failed : status.good;
}

/**
 * The layers of a document into a folder, those of other documents left as they are.
 * @throws UsageError where files stand there that are not ours to replace
 */
async function writeLayers(
  report: DocumentReport,
  paper: string,
  folder: string,
  place: string,
): Promise<Plan> {
  if (place === "") throw new UsageError("--write needs a folder's name");
  const plan = await changeFolder(folder, place, async ({ manifest, look, sourceOf, isThere }) => {
    const source = sourceOf(paper);
    const kept = keptEntries(manifest, new Set([source]), isThere);
    const wanted = new Map(layerFiles(report).map(({ name, content }) => [name, { content, source }]));
    return planChanges(manifest, kept, wanted, look);
  });
  if (plan.conflicts.length > 0) throw new UsageError(describeConflict(plan.conflicts, place));
  return plan;
}

async function contentsOf(path: string, paper: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EISDIR") throw new UsageError(`${paper} is a folder, not a document`);
    if (code === "ENOENT" || code === "ENOTDIR") throw new UsageError(`${paper}: no such file`);
    throw new UsageError(`${paper} cannot be read: ${reasonOf(error)}`);
  }
}
