/** A display as MathML, with the steps marked that are wrong. */
import type { Macros } from "../document/macros.js";
import { mathMl } from "../latex/katex.js";

/** A colour that no document uses: what is set in it is marked. */
const mark = "#fe01d3";

/** @param wrong sources of steps, as they stand in the display */
export function markedMathMl(source: string, wrong: readonly string[], macros: Macros): string {
  const lines = withLines(source);
  const marked = wrong.reduce(withMark, lines);
  const set = mathMl(marked, macros);
  // where a step cannot be coloured the display stays as it is
  const text = marked !== lines && set.includes("katex-error") ? mathMl(lines, macros) : set;
  return text.replaceAll(`<mstyle mathcolor="${mark}">`, '<mstyle class="marked">');
}

const withMark = (source: string, step: string): string => {
  const at = step === "" ? -1 : source.lastIndexOf(step);
  if (at < 0 || /\\\\|&/u.test(step.replace(/\\begin\{[^]*\\end\{[^}]*\}/gu, ""))) return source;
  return `${source.slice(0, at)}\\textcolor{${mark}}{${step}}${source.slice(at + step.length)}`;
};

/** Rows outside any environment are set one below the other. */
function withLines(source: string): string {
  const outside = source.replace(/\\begin\{(?<name>[a-zA-Z]+\*?)\}[^]*\\end\{\k<name>\}/gu, "");
  if (!/\\\\/u.test(outside)) return source;
  return outside.includes("&")
    ? `\\begin{aligned}${source}\\end{aligned}`
    : `\\begin{gathered}${source}\\end{gathered}`;
}
