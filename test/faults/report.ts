/** Writes docs/faults.md from the outcomes of runs: `node --import ./bench/typescript.mjs test/faults/report.ts ts.json wgsl.json`. */
import { readFileSync, writeFileSync } from "node:fs";
import { kinds, type Fault } from "./mutate.js";

interface Outcome {
  readonly layer: string;
  readonly fault: Fault;
  readonly outcome: "found" | "missed" | "equivalent" | "invalid";
  readonly how: string;
}
interface Run {
  readonly target: string;
  readonly seed: string;
  readonly outcomes: readonly Outcome[];
}

/** Why a fault of a kind changes nothing where it changes nothing. */
const reasons: Readonly<Record<Fault["kind"], string>> = {
  "a sum that is lost": "there is one term or one part only, at all sizes that take this kernel",
  "a constant one off": "work is done again or in other pieces, or a panel or table is longer than is used",
  "a dropped min or max":
    "the other operand is never the smaller (greater); or any number near a maximum serves as well",
  "a start one off": "nothing is done in the first turn",
  "a step one off": "there is one turn only",
  "an end one off":
    "the turn more writes outside of the array or is written over; the turn less is done by the rest",
  "an offset one off": "the neighbour holds the same, or any number near a maximum serves as well",
  "a lane for another": "which lane adds a term is all one, or both hold the same",
  "a dropped guard": "what is guarded against is right anyway, or any number near a maximum serves as well",
  "a condition turned": "at equality both branches give the same",
  "a place not cleared": "it is written before it is read",
};

const runs = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")) as Run);
const count = (of: readonly Outcome[], outcome: Outcome["outcome"]): number =>
  of.filter((o) => o.outcome === outcome).length;
const row = (name: string, of: readonly Outcome[]): string => {
  const valid = of.filter((o) => o.outcome !== "invalid");
  return `| ${name} | ${valid.length} | ${count(of, "found")} | ${count(of, "equivalent")} | ${count(of, "missed")} |`;
};
const table = (head: string, rows: readonly string[]): readonly string[] => [
  `| ${head} | planted | found | change nothing | missed |`,
  "| --- | ---: | ---: | ---: | ---: |",
  ...rows,
  "",
];

const lines = [
  "# Faults planted in emitted code",
  "",
  "One fault at a time is planted in the code that a layer is emitted as, and `check` of that target, called as by default (20 trials, seed 1), is asked whether it",
  "finds it. Faults that it does not find are run beside the code as it was emitted, at many more sizes (those of the check, the kernels' own constants",
  "from three other seeds, 60 drawn) and values: those that change no result there change nothing, the others are missed. In WGSL only what runs the",
  "kernel with the fault is run, with neighbours of such sizes until there are 40; how many there were is said of each.",
  "Recorded on 2026-11-30:",
  "",
  "```",
  ...runs.map(
    ({ target, seed }) => `node --import ./bench/typescript.mjs test/faults/main.ts ${target} ${seed}`,
  ),
  "```",
  "",
  ...runs.flatMap(({ target, seed, outcomes }) => [
    `## ${target === "ts" ? "TypeScript" : "WGSL"}, seed ${seed}`,
    "",
    ...table("layer", [
      ...[...new Set(outcomes.map((o) => o.layer))].map((layer) =>
        row(
          layer,
          outcomes.filter((o) => o.layer === layer),
        ),
      ),
      row("all", outcomes),
    ]),
    ...table(
      "kind",
      kinds.map((kind) =>
        row(
          kind,
          outcomes.filter((o) => o.fault.kind === kind),
        ),
      ),
    ),
  ]),
  "## Those that are missed",
  "",
  ...runs.flatMap(({ target, outcomes }) =>
    outcomes
      .filter((o) => o.outcome === "missed")
      .map((o) => `- ${target}, ${o.layer}: \`${o.fault.before}\` → \`${o.fault.after}\`, seen in ${o.how}`),
  ),
  "",
  "## Those that change nothing",
  "",
  ...runs.flatMap(({ target, outcomes }) =>
    kinds.flatMap((kind) => {
      const of = outcomes.filter((o) => o.outcome === "equivalent" && o.fault.kind === kind);
      if (of.length === 0) return [];
      return [
        `${target}, ${kind}: ${reasons[kind]}.`,
        "",
        ...of.map(
          (o) =>
            `- ${o.layer}: \`${o.fault.before}\` → \`${o.fault.after}\`${o.how === "" ? "" : `, ${o.how}`}`,
        ),
        "",
      ];
    }),
  ),
];
writeFileSync("docs/faults.md", `${lines.join("\n").trimEnd()}\n`);
