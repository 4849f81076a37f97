/** `leibniz read`: the equations of a document, as layers and judged claims. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { readDocument } from "../reading/read.js";
import { toHtml } from "../reading/report/html.js";
import { layerFiles } from "../reading/report/files.js";
import { describeCounterexample } from "./failures.js";
import { status, UsageError, type Status } from "./failure.js";
import { readingText } from "./reading-text.js";
import { plural, type Terminal } from "./terminal.js";

export interface ReadOptions {
  readonly format: string;
  /** A folder for the layers that were read. */
  readonly write?: string | undefined;
}
const formats = ["text", "html", "json"];

/** @throws UsageError for a file that cannot be read or an unknown format */
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
  if (format === "json") terminal.out(JSON.stringify(report));
  else if (format === "html") terminal.out(toHtml(report, describeCounterexample));
  else terminal.out(readingText(report, terminal));
  if (write !== undefined) {
    const files = layerFiles(report);
    const target = resolve(folder, write);
    await mkdir(target, { recursive: true });
    for (const { name, content } of files) await writeFile(join(target, name), content);
    if (format === "text") terminal.out(`\n${plural(files.length, "layer")} written to ${write}`);
  }
  return report.counts.refuted > 0 ? status.failed : status.good;
}

async function contentsOf(path: string, paper: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EISDIR") throw new UsageError(`${paper} is a folder, not a document`);
    throw new UsageError(`${paper}: no such file`);
  }
}
