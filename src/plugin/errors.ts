/** The problems of a layer as bundlers show them: the place of the first, its lines, and what else is wrong. */
import {
  frameOf,
  originsOf,
  placeOf,
  positionOf,
  renderProblems,
  type LayerError,
} from "../language/problem.js";

/** Rollup's shape of an error, which Vite's overlay and esbuild take too. */
export interface Shown {
  readonly message: string;
  readonly id: string;
  readonly loc: { readonly file: string; readonly line: number; readonly column: number };
  readonly frame: string;
}

export function shownAs({ problems, source }: LayerError, path: string): Shown {
  const [first, ...others] = problems;
  if (!first) throw new Error("an error without a problem");
  const { line, column } = positionOf(source.text, first.span.start);
  const there = originsOf(first)
    .map((origin) => `\n  ${placeOf(origin)}, in the layer that is called`)
    .join("");
  const hint = first.hint === undefined ? "" : `\n  hint: ${first.hint}`;
  const rest = others.length === 0 ? "" : `\n\n${renderProblems(source, others)}`;
  return {
    message: `${first.message}${there}${hint}${rest}`,
    id: path,
    loc: { file: path, line, column: column - 1 },
    frame: frameOf(source, first),
  };
}
