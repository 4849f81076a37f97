/** What is left out in statements that are well written otherwise: subscripts, sums, indices of their own. */
import { say } from "../messages.js";
import { isReduction, meant } from "../names.js";
import { aroundTerms, bareShape, indicesLike, leftIndices, looseIndices } from "./indices.js";
import { indicesFor } from "./overview.js";
import type { Found, Piece, Rule, Statement } from "./rewrite.js";
import { argumentsOf, closeOf, isSign, type Run } from "./tools.js";

const equalsAt = ({ tokens }: Statement): number => tokens.findIndex((t) => /^[-+*/]?=$/.test(t.text));
/** Names in the brackets on the left. */
const leftNames = (s: Statement): readonly string[] =>
  s.tokens
    .slice(2, Math.max(2, equalsAt(s)))
    .filter((t) => t.kind === "name")
    .map((t) => t.text);

/** `y[n] += x[n]`: the sum over what the loops around it would run through. */
export const accumulations: Rule = (s, at) => {
  const { tokens, overview } = s;
  const sign = tokens[at];
  if (!sign || !isSign(sign, "+=", "-=", "*=", "/=") || s.defines === undefined) return undefined;
  const right: Run = [at + 1, tokens.length];
  if (right[0] >= right[1]) return undefined;
  const over = looseIndices(s, right).filter((n) => !leftNames(s).includes(n) && !overview.values.has(n));
  const reduction = sign.text === "*=" || sign.text === "/=" ? "prod" : "sum";
  const body: Piece[] = over.length > 0 ? [`${reduction}[${over.join(", ")}](`, right, ")"] : [right];
  const changed: Piece[] =
    sign.text === "-="
      ? ["-", ...grouped(body, over.length > 0)]
      : sign.text === "/="
        ? ["1 / ", ...grouped(body, over.length > 0)]
        : body;
  const complaint = say.accumulated(sign.text);
  const first = overview.defined.get(s.defines);
  const start = tokens[0]?.start ?? 0;
  if (!first?.plain || first.start >= start)
    return { run: [at, tokens.length], pieces: ["= ", ...changed], at: sign, whole: true, complaint };
  // the statement above that it adds to
  const text = changed.map((p) => (typeof p === "string" ? p : s.text(p))).join("");
  const joined = {
    "+=": /^0(?:\.0*)?$/.test(first.right) ? text : `${first.right} + ${text}`,
    "-=": /^0(?:\.0*)?$/.test(first.right) ? text : `${first.right} - ${text.slice(1)}`,
    "*=": /^1(?:\.0*)?$/.test(first.right) ? text : `(${first.right}) * (${text})`,
    "/=": `(${first.right}) * (${text})`,
  }[sign.text];
  const mended = `${first.left} = ${joined}`;
  const mend = [
    { start: first.start, end: first.end, text: mended },
    { start, end: tokens.at(-1)?.end ?? start, text: "" },
  ];
  return { run: [at, at + 1], pieces: undefined, complaint: { ...complaint, hint: `write ${mended}`, mend } };
};
const grouped = (pieces: readonly Piece[], whole: boolean): readonly Piece[] =>
  whole ? pieces : ["(", ...pieces, ")"];

/** `y[t[n]] = x[n]`: each element takes what is sent to it. */
export const scatters: Rule = (s, at) => {
  const { tokens, overview } = s;
  const equals = equalsAt(s);
  if (at > 0 || equals < 4 || !isSign(tokens[1], "[")) return undefined;
  const args = argumentsOf(tokens, 1) ?? [];
  const axis = args.findIndex(
    ([from, to]) =>
      to > from + 1 &&
      isSign(tokens[from + 1], "[") &&
      closeOf(tokens, from + 1) === to - 1 &&
      overview.shapes.has(tokens[from]?.text ?? ""),
  );
  const argument = args[axis];
  if (!argument || !isSign(tokens[equals], "=", "+=")) return undefined;
  const others = args.filter((a) => a !== argument).map((a) => s.text(a));
  const through = tokens
    .slice(argument[0] + 2, argument[1] - 1)
    .filter((t) => t.kind === "name")
    .map((t) => t.text);
  const used = [...others, ...through, ...tokens.filter((t) => t.kind === "name").map((t) => t.text)];
  const [index = "v"] = indicesFor(
    [overview.shapes.get(tokens[0]?.text ?? "")?.[axis] ?? "V"],
    overview,
    used,
  );
  const over = through.filter((n) => !others.includes(n));
  const right: Run = [equals + 1, tokens.length];
  const taken: Piece[] = ["where(", argument, ` == ${index}, `, right, ", 0)"];
  return {
    run: [argument[0], tokens.length],
    pieces: [
      index,
      [argument[1], equals],
      " = ",
      ...(over.length > 0 ? [`sum[${over.join(", ")}](`, ...taken, ")"] : taken),
    ],
    at: tokens[argument[0]] ?? { start: 0, end: 0 },
    whole: true,
    complaint: say.scatters(tokens[argument[0]]?.text ?? "t"),
  };
};

/** `y[N] = x[N]` with a size, `y[s] = x[s]` with a scalar: an index has a name of its own. */
export const ownIndices: Rule = (s, at) => {
  const { tokens, overview } = s;
  const left = at === 0 ? s.left : undefined;
  const bound = at > 0 && isSign(tokens[at], "[") && isReduction(meant(tokens[at - 1]?.text ?? ""));
  const inside = bound
    ? argumentsOf(tokens, at)
        ?.filter(([f, t]) => t === f + 1)
        .map((r) => s.text(r))
    : left;
  const close = bound ? closeOf(tokens, at) : undefined;
  const body = close !== undefined && isSign(tokens[close + 1], "(") ? closeOf(tokens, close + 1) : undefined;
  const run: Run | undefined = bound
    ? body === undefined
      ? undefined
      : [at, body + 1]
    : left && [1, tokens.length];
  if (!inside || !run) return undefined;
  const clashes = inside.filter(
    (n) => overview.scalars.has(n) || (overview.values.has(n) && !overview.shapes.has(n)),
  );
  const [first] = clashes;
  if (first === undefined) return undefined;
  const used = new Set(tokens.filter((t) => t.kind === "name").map((t) => t.text));
  const fresh = new Map<string, string>();
  for (const name of clashes) {
    const [own = `${name}'`] = indicesFor([name], overview, used);
    used.add(own);
    fresh.set(name, own);
  }
  const pieces = renamedInBrackets(s, run, fresh);
  if (!pieces) return undefined;
  const place = tokens.find((t, i) => i >= run[0] && t.text === first);
  const what = overview.scalars.has(first) ? "a scalar" : "a size or a param";
  return {
    run,
    pieces,
    whole: true,
    ...(place && { at: place }),
    complaint: bound ? say.hides(first, what) : say.valueOnLeft(what, first),
  };
};
/** The run with names exchanged where they are subscripts or binders. */
function renamedInBrackets(
  { tokens }: Statement,
  [from, to]: Run,
  fresh: ReadonlyMap<string, string>,
): readonly Piece[] | undefined {
  const pieces: Piece[] = [];
  let [depth, kept] = [0, from];
  for (let i = from; i < to; i++) {
    if (isSign(tokens[i], "[")) depth++;
    if (isSign(tokens[i], "]")) depth--;
    const own = depth > 0 && !isSign(tokens[i + 1], "[", "(") ? fresh.get(tokens[i]?.text ?? "") : undefined;
    if (own === undefined) continue;
    if (i > kept) pieces.push([kept, i]);
    pieces.push(own);
    kept = i + 1;
  }
  if (kept === from) return undefined;
  if (kept < to) pieces.push([kept, to]);
  return pieces;
}

const shapeOf = (s: Statement): readonly string[] | undefined => s.overview.shapes.get(s.defines ?? "");
/** `y = exp(x) + b`, `y[n, k] = … + b`: tensors without subscripts get those of the left-hand side that they run along. */
export const wholeTensors: Rule = (s, at) => {
  const { tokens, overview } = s;
  const equals = equalsAt(s);
  if (at > 0 || equals < 0) return undefined;
  const bare = [...tokens.keys()].filter((i) => {
    const own = i > equals ? bareShape(s, [i, i + 1]) : undefined;
    return own !== undefined && own.length > 0 && !overview.values.has(tokens[i]?.text ?? "");
  });
  const left = leftIndices(s);
  if (bare.length === 0 || !left || left.length !== (shapeOf(s)?.length ?? left.length)) return undefined;
  const pieces: Piece[] = [];
  let kept = 0;
  const put = (i: number, subscripts: readonly string[]): void => {
    pieces.push(
      [kept, i + 1],
      `[${subscripts.join(", ")}]${isSign(tokens[i + 1], "=", "+", "-", "*", "/") ? " " : ""}`,
    );
    kept = i + 1;
  };
  if (!s.left && left.length > 0) put(0, left);
  for (const i of bare) {
    const own = overview.shapes.get(tokens[i]?.text ?? "") ?? [];
    const subscripts = indicesLike(s, own, left);
    if (subscripts.some((n) => !left.includes(n))) return undefined;
    put(i, subscripts);
  }
  const first = tokens[bare[0] ?? 0];
  const last = (bare.at(-1) ?? 0) + 1;
  return {
    run: [0, last],
    pieces,
    ...(first && { at: first }),
    whole: true,
    complaint: say.subscriptsMissing(first?.text ?? "", overview.shapes.get(first?.text ?? "")?.length ?? 1),
  };
};

/** `y[n, k] = x[n, c] * w[c, k]`: nothing is summed silently. The sum goes around each product that has the index. */
export const missingSums: Rule = (s, at): Found | undefined => {
  const { tokens, overview } = s;
  const equals = equalsAt(s);
  if (equals < 0 || at !== equals + 1 || s.defines === undefined || tokens[1]?.text === "(") return undefined;
  const known = new Set([...leftNames(s), ...overview.values, ...overview.scalars]);
  const unbound = (run: Run): readonly string[] => looseIndices(s, run).filter((n) => !known.has(n));
  const loose = unbound([at, tokens.length]);
  const [first] = loose;
  if (first === undefined) return undefined;
  const pieces = aroundTerms(s, at, (run) => ({ over: unbound(run), pieces: [run] }));
  const place = tokens.find((t, i) => i >= at && t.text === first);
  return {
    run: [at, tokens.length],
    pieces,
    ...(place && { at: place }),
    complaint: say.unknownName(loose.join(" and "), undefined, true),
  };
};
