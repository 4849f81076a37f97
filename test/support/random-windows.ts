/**
 * Random windows whose reads stand in branches on indices and in pads: strided, dilated, shifted, in one dimension or two,
 * under every reduction, beside reads that always count.
 */
import { randomFrom, type Random } from "../../src/verify/random.js";
import type { At, Found } from "./everywhere.js";

/** What stands outside the tensors. */
const pads = {
  sum: ["0", "0.5", "-2"],
  mean: ["0", "0.5", "-2"],
  max: ["0.5", "-0.5", "3"],
  min: ["0.5", "-0.5", "-3"],
  prod: ["1", "0.5", "-2"],
} as const;
type Name = keyof typeof pads;
/** Infinities that never win. */
const infinities: Partial<Record<Name, string>> = { max: "-inf", min: "inf" };

/** The text of a layer, the same for the same seed. */
export const randomWindow = (seed: number): string => new Writer(randomFrom(seed, "window")).layer();

/** Sizes at which windows lie side by side in strips, and values none of which is another. */
export function windowAt(seed: number, text: string): At {
  const random = randomFrom(seed, "values");
  const planar = text.includes("weight w[R, S]");
  const sizes = {
    N: 2,
    W: 7 + random.integer(6),
    S: 1 + random.integer(4),
    ...(planar && { H: 4 + random.integer(4), R: 1 + random.integer(3) }),
  };
  const { N, W, S, H = 1, R = 1 } = sizes;
  // eighths, in an order of their own: sums of products of two are exact in float32
  const drawn = (length: number): readonly number[] =>
    Array.from(
      { length },
      (_, i) => (2 * random.integer(2) - 1) * (1 + ((5 * i) % 13) + random.integer(3) / 8),
    );
  const tensor = N * H * W;
  return { sizes, values: { x: drawn(tensor), v: drawn(tensor), w: drawn(R * S), dy: drawn(tensor) } };
}

/** Where a target differs from the reference by more than rounding, each in a line. */
export function differences([reference, ...others]: readonly Found[]): readonly string[] {
  return others.flatMap(({ by, values }) =>
    Object.entries(values).flatMap(([name, data]) => {
      const expected = reference?.values[name] ?? [];
      const scale = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs));
      const most = (by.endsWith("f64") ? 1e-12 : 1e-5) * scale;
      return data.flatMap((value, i) => {
        const right = expected[i] ?? NaN;
        return Object.is(value, right) || Math.abs(value - right) <= most
          ? []
          : [`${by}: ${name}[${i}] is ${value}, not ${right}`];
      });
    }),
  );
}

class Writer {
  private readonly random: Random;
  private readonly planar: boolean;
  private readonly name: Name;
  /** Subscripts of the windows' reads along each axis. */
  private readonly slides: readonly (readonly string[])[];

  constructor(random: Random) {
    this.random = random;
    this.planar = random.integer(3) === 0;
    this.name = this.pick(Object.keys(pads) as Name[]);
    const slide = (at: string, tap: string): string => {
      const step = this.pick(["", "", "2*", "stride*"]);
      const taps = this.pick(["", "", "2*", "dilation*"]);
      return `${step}${at} + ${taps}${tap} - ${this.pick(["pad", "1", "2", "0"])}`;
    };
    const two = (at: string, tap: string): readonly string[] => [slide(at, tap), slide(at, tap)];
    this.slides = this.planar ? [two("p", "r"), two("q", "s")] : [two("q", "s")];
  }

  layer(): string {
    const value = `${this.name}[${this.planar ? "r < R, s < S" : "s < S"}](${this.body()})`;
    const finite = { max: `max(${value}, -9)`, min: `min(${value}, 9)` };
    const own = this.name === "max" || this.name === "min" ? finite[this.name] : value;
    const left = this.planar ? "y[n,p,q]" : "y[n,q]";
    const extents = this.planar ? "H, W" : "W";
    return `param stride = ${1 + this.random.integer(3)}
param dilation = ${1 + this.random.integer(2)}
param pad = ${this.random.integer(4)}
input x[N, ${extents}]
input v[N, ${extents}]
weight w[${this.planar ? "R, " : ""}S]
output y[N, ${extents}]
${left} = ${this.pick([own, own, `tanh(${own})`, `${own} + v[n, ${this.planar ? "p, " : ""}q]`])}
`;
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.random.integer(items.length)]!;
  }

  private body(): string {
    const infinity = infinities[this.name];
    const finite = pads[this.name];
    switch (this.random.integer(5)) {
      case 0:
        return `${this.branching(2, finite)} + ${this.read()}`;
      case 1:
        return `${this.branching(2, finite)} * ${this.read()}`;
      case 2:
        return this.branching(2, infinity === undefined ? finite : [...finite, infinity, infinity]);
      default:
        return `${this.branching(2, finite)} * w[${this.planar ? "r, " : ""}s]`;
    }
  }

  /** A read, in branches or a pad. */
  private branching(depth: number, outside: readonly string[]): string {
    const inner = (): string =>
      depth === 0 ? this.read() : this.pick([this.read(), this.branching(depth - 1, outside)]);
    const pad = this.pick(outside);
    if (this.random.integer(3) === 0) return `pad(${this.read()}, ${pad})`;
    const [yes, no] = [inner(), this.pick([inner(), pad, pad, this.edge()])];
    return `where(${this.condition()}, ${yes}, ${no})`;
  }

  private read(): string {
    return `${this.pick(["x", "x", "v"])}[n, ${this.slides.map((axis) => this.pick(axis)).join(", ")}]`;
  }
  /** The element at a corner. */
  private edge(): string {
    const ends = this.planar ? ["H", "W"] : ["W"];
    return `x[n, ${ends.map((end) => this.pick(["0", `${end} - 1`])).join(", ")}]`;
  }

  private condition(): string {
    const axis = this.random.integer(this.slides.length);
    const slid = this.pick(this.slides[axis]!);
    const end = this.planar && axis === 0 ? "H" : "W";
    const one = (): string =>
      this.pick([
        `${slid} < ${end}`,
        `${slid} >= 0`,
        `${slid} < ${end} - 1`,
        `0 < ${slid}`,
        "s < 1",
        "q > 1",
        `mod(q + s, 2) == 0`,
        "s != 1",
      ]);
    return this.pick([one(), one(), `${one()} and ${one()}`, `${one()} or ${one()}`, `not(${one()})`]);
  }
}
