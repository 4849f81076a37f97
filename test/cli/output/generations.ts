/** What a folder holds in turn: even and odd generations have one layer in common, and one each of their own. */
import type { Planner } from "../../../src/cli/output/output.js";
import { keptEntries, planChanges, type Plan } from "../../../src/cli/output/plan.js";

/** Long enough that it is not written at once. */
const contentOf = (path: string, generation: number): string =>
  `${path} of ${generation % 2}\n`.repeat(generation % 2 === 0 ? 4000 : 5000);

export function filesOf(generation: number): Readonly<Record<string, string>> {
  const own = generation % 2 === 0 ? "even" : "odd";
  const paths = ["both/index.ts", "both/derivation.md", `${own}/index.ts`, "index.ts"];
  return Object.fromEntries(paths.map((path) => [path, contentOf(path, generation)]));
}

/** As a build plans it; the layers are made from files that are there. */
export const plannerOf =
  (generation: number): Planner<Plan> =>
  ({ manifest, look }) => {
    const wanted = Object.entries(filesOf(generation)).map(
      ([path, content]) => [path, { content, ...(path.includes("/") && { source: "." }) }] as const,
    );
    const kept = keptEntries(manifest, new Set(["."]), () => true);
    return Promise.resolve(planChanges(manifest, kept, new Map(wanted), look));
  };
