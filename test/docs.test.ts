/** The layers shown in the documentation are layers: each fenced block marked `layer <name>` is read as one. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseLayer } from "../src/language/parse.js";
import { libraryOf, standardShelf } from "../src/library.js";
import { boundsChecks } from "../src/ranges/checks.js";
import { orderRecurrences } from "../src/ranges/recurrences.js";
import { inferRanges } from "../src/ranges/infer.js";

const root = new URL("../", import.meta.url);
const docs = readdirSync(new URL("docs/", root)).filter((file) => file.endsWith(".md"));
const samples = ["README.md", ...docs.map((file) => `docs/${file}`)].flatMap((file) => {
  const text = readFileSync(new URL(file, root), "utf8");
  const blocks = text.matchAll(/^```layer (\S+)( error)?\n([^]*?)^```$/gm);
  return [...blocks].map(([, name = "", error, body = ""]) => ({
    file,
    name,
    wrong: error !== undefined,
    body,
  }));
});

/** What the compiler has to say about a layer, from reading it to the bounds of its reads. */
function problemsOf(text: string, name: string): readonly string[] {
  const { layer, problems } = parseLayer(
    text,
    `${name}.layer`,
    libraryOf({ file: `${name}.layer`, text }, standardShelf),
  );
  if (!layer || problems.length > 0) return problems.map((problem) => problem.message);
  const inferred = inferRanges(layer);
  const all = [
    ...inferred.problems,
    ...orderRecurrences(inferred.layer).problems,
    ...(inferred.problems.length > 0 ? [] : boundsChecks(inferred.layer).problems),
  ];
  return all.map((problem) => problem.message);
}

describe("layers in the documentation", () => {
  it("are there", () => {
    expect(samples.filter(({ wrong }) => !wrong).length).toBeGreaterThan(10);
    expect(samples.filter(({ wrong }) => wrong).length).toBeGreaterThan(2);
  });
  it.each(samples.filter(({ wrong }) => !wrong))("$file: $name is valid", ({ name, body }) => {
    expect(problemsOf(body, name)).toEqual([]);
  });
  it.each(samples.filter(({ wrong }) => wrong))("$file: $name is not", ({ name, body }) => {
    expect(problemsOf(body, name)).not.toEqual([]);
  });
});
