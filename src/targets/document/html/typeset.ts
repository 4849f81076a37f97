/** LaTeX as HTML by KaTeX (MIT), and its style with the fonts inside, so that a page needs no network. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

// loaded only where a page is made
const load = createRequire(import.meta.url);

/** @param latex a displayed equation, or a piece of text's line */
export function typeset(latex: string, displayMode: boolean): string {
  const { renderToString } = load("katex") as typeof import("katex");
  return renderToString(latex, { displayMode, fleqn: displayMode, throwOnError: true, strict: "error" });
}

/** The faces that formulas of this compiler use. */
const faces =
  /^KaTeX_(?:Main-Regular|Main-Bold|Math-Italic|AMS-Regular|Size[1-4]-Regular|Typewriter-Regular)$/u;

/** KaTeX's style sheet with the fonts as data. */
export function mathStyle(): string {
  const folder = dirname(load.resolve("katex/dist/katex.min.css"));
  const style = readFileSync(join(folder, "katex.min.css"), "utf8");
  return style.replaceAll(/@font-face\{[^}]*\}/gu, (rule) => {
    const face = /fonts\/(KaTeX_[\w-]+)\.woff2/u.exec(rule)?.[1] ?? "";
    if (!faces.test(face)) return "";
    const data = readFileSync(join(folder, "fonts", `${face}.woff2`)).toString("base64");
    const source = `src:url(data:font/woff2;base64,${data}) format("woff2")`;
    return rule.replace(/src:[^;}]*/u, () => source);
  });
}
