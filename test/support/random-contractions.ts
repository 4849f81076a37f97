/** Random sums of products of two reads, or of one alone, with windows, strides, dilations and ranges of every kind. */
import { randomFrom, type Random } from "../../src/verify/random.js";

/** The text of a layer, the same for the same seed. */
export function randomContraction(seed: number): string {
  const random = randomFrom(seed, "contraction");
  const pick = <T>(items: readonly T[]): T => items[random.integer(items.length)]!;
  const some = <T>(items: readonly T[]): readonly T[] => items.filter(() => random.integer(2) === 0);
  const lone = random.integer(6) === 0;
  const windows = pick([0, 1, 1, 1, 2]);
  const batch = some(["n", "g"]);
  const columns = lone ? [] : some(["k"]);
  const sums = lone ? [] : some(["d"]);
  const slid = ["p", "q"].slice(0, windows).map((outer, i) => ({ outer, tap: ["r", "s"][i]! }));
  // an index of the left operand that the right one has too
  const shared = lone ? [] : batch.filter(() => random.integer(2) === 0);
  const outer = shuffled([...batch, ...columns, ...slid.map((s) => s.outer)], random);
  const bound = [...sums, ...slid.map((s) => s.tap)];
  if (outer.length === 0 || bound.length === 0) return randomContraction(seed + 1_000_003);

  const window = ({ outer: p, tap: r }: (typeof slid)[number]): string => {
    const [rate, reach] = [pick(["", "2*", "3*", "stride*"]), pick(["", "2*", "dilation*", "-"])];
    const sign = reach === "-" ? " - " : " + ";
    return `${rate}${p}${sign}${reach === "-" ? "" : reach}${r}${pick(["", " - 1", " + 2", " - pad", " + shift"])}`;
  };
  const left = [...batch, ...sums, ...slid.map((s, i) => ({ text: window(s), size: ["H", "W"][i]! }))];
  const right = [
    ...shared,
    ...columns,
    ...sums,
    ...slid.map((s, i) => ({ text: pick([s.tap, s.tap, `${s.tap} + 1`]), size: ["R", "S"][i]! })),
  ];
  const range = (name: string): string => {
    const size = name.toUpperCase();
    const [first = name] = slid.filter((s) => s.tap === name).map((s) => s.outer);
    const own = [`${name} < ${size}`, `-1 <= ${name} < ${size}`, `shift <= ${name} < ${size}`];
    // what a plain subscript says may be left out
    if (!lone && right.some((a) => a === name || (typeof a !== "string" && a.text === name)))
      own.push(name, name);
    return pick(first === name ? own : [...own, `${name} <= ${first}`, `${first} - 2 <= ${name} < ${size}`]);
  };
  const shapes = { x: "", w: "" };
  const read = (name: "x" | "w", axes: readonly (string | { text: string; size: string })[]): string => {
    const order = shuffled(axes, random);
    shapes[name] = order
      .map((axis) => (typeof axis === "string" ? axis.toUpperCase() : axis.size))
      .join(", ");
    return `${name}[${spellIn(order)}]`;
  };
  const product =
    lone || right.length === 0
      ? read("x", left)
      : shuffled([read("x", left), read("w", right)], random).join(" * ");
  const sum = `sum[${shuffled(bound, random).map(range).join(", ")}](${product})`;
  const last = outer.at(-1)!;
  const body = pick([sum, sum, `${sum} + b[${last}]`, `relu(${sum})`, `2 * ${sum} - 1`]);
  const sizes = outer.map((name) => name.toUpperCase()).join(", ");
  return [
    `param stride = ${1 + random.integer(3)}`,
    `param dilation = ${1 + random.integer(3)}`,
    `param pad = ${random.integer(3)}`,
    `param shift = ${random.integer(5) - 2}`,
    ...(shapes.w === "" ? ["param R = 3", "param S = 2"] : []),
    `input x[${shapes.x}]`,
    ...(shapes.w === "" ? [] : [`weight w[${shapes.w}]`]),
    ...(body.includes("b[") ? [`weight b[${last.toUpperCase()}]`] : []),
    `output z[${sizes}]`,
    ...slid.map(({ outer: p }, i) => `${p.toUpperCase()} = ${pick(extents).replaceAll("H", ["H", "W"][i]!)}`),
    `z[${outer.join(", ")}] = ${body}`,
    "",
  ].join("\n");
}

/** How far an output reaches along an input of extent H: less, as far, and beyond. */
const extents = ["H", "floor((H + 2*pad - 1) / stride) + 1", "2*H + 1", "floor(H / 3) + 1"];

const spellIn = (axes: readonly (string | { text: string })[]): string =>
  axes.map((axis) => (typeof axis === "string" ? axis : axis.text)).join(", ");

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.integer(rest.length), 1)[0]!);
}
