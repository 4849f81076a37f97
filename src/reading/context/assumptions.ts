/** What a document says that its reader shall take for granted: that a stride is 1, that targets are one-hot. */
import type { Context } from "./context.js";

/** Words for the params of a sliding window, by the letter that they begin with. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^s/iu, "strides?"],
  [/^d/iu, "dilations?|dilate"],
  [/^p/iu, "paddings?|pad"],
];

/**
 * Whether the words of a section, or the titles above it, say that a param has the value at which it has no effect: "Dilation=1",
 * "unit stride", "no padding", `$\lambda = 1$`.
 */
export function isAssumed(param: string, value: 0 | 1, context: Context, at: number): boolean {
  const own = context.inline.some(
    ({ name, value: said, at: place }) => name === param && said === value && context.reaches(place, at),
  );
  if (own) return true;
  const [, word] = words.find(([begins]) => begins.test(param)) ?? [];
  if (word === undefined) return false;
  const one = `(?:${word})\\s*(?:=|is|are|of)\\s*\\$?${value}(?![\\d.])`;
  const plain = value === 1 ? `unit\\s+(?:${word})|(?:${word})\\b[^.]{0,40}\\b(?:is|are)\\s+1\\b` : `(?:no|without|zero)\\s+(?:${word})`; // prettier-ignore
  return new RegExp(`(?:${one}|${plain})`, "iu").test(
    `${context.titleAt(at)}\n${context.wordsBefore(at).replaceAll("$", "")}`,
  );
}

/** Whether the words between a display and the one before set something aside: "without the penalty", "ignoring the scale". */
export function setsAside(context: Context, at: number): boolean {
  const own = context.wordsBefore(at).split(/\$\$|\\[[\]]|\\(?:begin|end)\{[^}]*\}/u);
  const aside =
    /\b(?:without|ignor\w*|neglect\w*|omit\w*|dropp\w*|leaving\s+out|apart\s+from|unregulari[sz]ed)\b/iu;
  return aside.test(own.at(-2) ?? "");
}

/** What a document says of the targets of a cross entropy. */
export function targetsAre(context: Context): "one-hot" | "any" | "unsaid" {
  const { document } = context;
  const any =
    /smoothed|label[\s-]+smoothing|soft\s+(?:labels?|targets?)|any\s+(?:real|numbers)|not\s+(?:necessarily\s+)?(?:one[\s-]?hot|normali[sz]ed)/iu.test(
      document,
    );
  const hot = /one[\s-]?hot/iu.test(document);
  if (any) return hot ? "unsaid" : "any";
  return hot || /\b(?:true|correct|target|ground[\s-]truth)\s+class|\blabels?\b/iu.test(document)
    ? "one-hot"
    : "unsaid";
}
