/** Recurrences at random: along any axis, either way, in one or two dimensions, of one statement or of several. */
import { randomFrom } from "../../src/verify/random.js";

/** The text of a layer with a recurrence. The same number gives the same text. */
export function randomRecurrence(seed: number): string {
  const random = randomFrom(seed, "recurrence");
  const draw = (n: number): number => random.integer(n);
  const one = <T>(...choices: readonly T[]): T => choices[draw(choices.length)]!;
  const names = ["t", "s"].slice(0, draw(4) === 0 ? 2 : 1);
  const [steps, sizes] = [names, names.map((n) => n.toUpperCase())];
  const down = steps.map(() => draw(3) === 0);
  // the axes of all tensors: steps and lanes in any order
  const axes = [...steps, ...["b", "d"].slice(0, draw(3))].sort(() => draw(3) - 1);
  const lanes = axes.filter((a) => !steps.includes(a));
  const shape = axes.map((a) => a.toUpperCase()).join(", ");
  const left = axes.join(",");
  const tensors = ["h", "g"].slice(0, draw(3) === 0 ? 2 : 1);
  const mixes = lanes.includes("d") && draw(2) === 0;

  /** `h` an earlier step, the lane `d` under another name where it is summed over. */
  const at = (tensor: string, back: readonly number[], lane = "d"): string => {
    const subscripts = axes.map((a) => {
      const which = steps.indexOf(a);
      if (which < 0) return a === "d" ? lane : a;
      const by = back[which]!;
      return by === 0 ? a : `${a} ${down[which]! ? "+" : "-"} ${by}`;
    });
    return `${tensor}[${subscripts.join(", ")}]`;
  };
  const inside = (back: readonly number[]): string =>
    back
      .flatMap((by, which) => {
        if (by === 0) return [];
        const step = steps[which]!;
        return [down[which]! ? `${step} + ${by} < ${sizes[which]!}` : `${step} >= ${by}`];
      })
      .join(" and ");
  const shifts = (): number[] => {
    const back: number[] = steps.map(() => draw(3));
    if (!back.some((by) => by > 0)) back[draw(back.length)] = 1 + draw(2);
    return back;
  };
  const read = (tensor: string): string => {
    const back = shifts();
    if (steps.length === 1 && draw(5) === 0) {
      const [step, size] = [steps[0]!, sizes[0]!];
      const range = down[0]! ? `${step} < q < ${size}` : `q < ${step}`;
      const weight = down[0]! ? `v[q - ${step}]` : `v[${step} - q]`;
      return `sum[${range}](${at(tensor, [0]).replace(new RegExp(`\\b${step}\\b`, "u"), "q")}*${weight})`;
    }
    const lane = mixes ? "k" : "d";
    const plain = at(tensor, back, lane);
    const safe = one(
      `pad(${plain}, ${one("0", "0.5", "-1")})`,
      `where(${inside(back)}, ${plain}, ${one("0", "1")})`,
    );
    return mixes ? `sum[k](${safe}*u[k,d])` : safe;
  };
  const body = (tensor: string, at: number): string => {
    const terms = Array.from({ length: 1 + draw(2) }, () => {
      const term = read(one(...tensors));
      return one(
        term,
        term,
        `a[${left}]*${term}`,
        `tanh(${term})`,
        `0.5*sin(${term})`,
        `max(${term}, x[${left}])`,
      );
    });
    // of two statements the second reads the first at the same point
    if (at > 0) terms.push(`${one("", "0.5*")}h[${left}]`);
    return `${tensor}[${left}] = ${terms.join(" + ")} + ${one(`x[${left}]`, `x[${left}]*a[${left}]`)}`;
  };
  const statements = tensors.map(body);
  const used = (name: string): boolean => statements.some((s) => s.includes(`${name}[`));
  const isLocal = draw(2) === 0;
  return [
    `input x[${shape}]`,
    ...(used("a") ? [`input a[${shape}]`] : []),
    ...(used("u") ? ["weight u[D, D]"] : []),
    ...(used("v") ? [`weight v[${sizes[0]!}]`] : []),
    ...tensors.map((t) => `${isLocal ? "local" : "output"} ${t}[${shape}]`),
    ...(isLocal ? ["output y"] : []),
    ...statements,
    ...(isLocal ? [`y = sum[${left}](${tensors.map((t) => `${t}[${left}]`).join("*")}*x[${left}])`] : []),
  ].join("\n");
}
