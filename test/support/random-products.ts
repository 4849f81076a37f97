/** Random layers whose statements are products and sums of the same few tensors at different points, named before. */
import { randomFrom } from "../../src/verify/random.js";

/** The text of a layer, the same for the same seed. */
export function randomProducts(seed: number): string {
  const random = randomFrom(seed, "products");
  const pick = <T>(items: readonly T[]): T => items[random.integer(items.length)]!;
  const vectors = ["s", "t"];
  /** A read outside reductions: in bounds wherever it is. */
  const read = (i: string): string => {
    const at = (): string => pick([i, i, i, "0", "N - 1", `N - 1 - ${i}`, `mod(${i} + 1, N)`]);
    return random.integer(4) === 0 ? `x[${at()}, ${at()}]` : `${pick(vectors)}[${at()}]`;
  };
  /** A read inside a reduction: out of bounds at some points. */
  const reduced = (i: string, k: string): string => {
    const at = (): string =>
      pick([k, k, k, i, i, "0", `${k} - 1`, `${k} + 1`, `N - 1 - ${k}`, `${k} + ${i}`]);
    return random.integer(4) === 0 ? `x[${at()}, ${at()}]` : `${pick(vectors)}[${at()}]`;
  };
  const product = (factor: () => string, least: number): string =>
    Array.from({ length: least + random.integer(2) }, factor).join(" * ");

  const reduction = (i: string): string => {
    const k = pick(["i", "j", "k"].filter((name) => name !== i));
    const range = pick([
      `${k} < N`,
      `${k} < N`,
      `${k} <= ${i}`,
      `1 <= ${k} < N`,
      `${i} <= ${k} < N`,
      `${k} < N - 1`,
    ]);
    const name = pick(["sum", "sum", "sum", "mean", "max", "min", "prod"] as const);
    const all = `${name}[${range}](${product(() => reduced(i, k), 1)})`;
    // over no point it is infinite
    return name === "max" ? `max(${all}, -9)` : name === "min" ? `min(${all}, 9)` : all;
  };
  const lines: string[] = [];
  const roles: string[] = [];
  const count = 2 + random.integer(3);
  for (let at = 0; at < count; at++) {
    const i = pick(["i", "j", "k"]);
    const values = (): string => product(() => read(i), 2);
    const body = pick([
      values,
      values,
      () => reduction(i),
      () => `${read(i)} * ${reduction(i)}`,
      () => `${values()} + ${reduction(i)}`,
      () => `tanh(${values()})`,
      () =>
        `where(${i} ${pick(["<", ">=", "=="])} ${pick(["1", "2"])}, ${values()}, ${pick([values(), "0"])})`,
    ])();
    lines.push(`h${at}[${i}] = ${body}`);
    roles.push(`${at === count - 1 || random.integer(3) === 0 ? "output" : "local"} h${at}[N]`);
    vectors.push(`h${at}`);
  }
  return ["input s[N]", "input t[N]", "input x[N, N]", ...roles, ...lines, ""].join("\n");
}
