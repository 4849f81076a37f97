import { describe, expect, it } from "vitest";
import { agrees, erf, grid, mod, run, scalar, sigmoid, sum, type Tensors } from "./support.js";

/** The layer `y[n] = body` of x, at these numbers. */
const at = async (
  body: string,
  x: readonly number[],
): Promise<{ y: readonly number[]; dx: readonly number[] }> => {
  const text = `input x[N]\noutput y[N]\ny[n] = ${body}`;
  const { y, dx } = await run(text, { N: x.length }, { x, dy: x.map(() => 1) });
  return { y: y!, dx: dx! };
};

const gate = (v: number): number => sigmoid(2 * v);
const clip = (u: number): number => Math.min(Math.max(u, -1), 1);

describe("pointwise functions", () => {
  agrees(
    "every_function",
    `
    input x[N]
    input t[N]
    output a[N]
    output b[N]
    output c[N]
    output d[N]
    a[n] = exp(x[n]) + log(x[n]) + log1p(x[n]) + expm1(x[n]) + sqrt(x[n])
    b[n] = sin(x[n])*cos(x[n]) + tan(x[n]/2) + sinh(x[n]) - cosh(x[n]) + tanh(x[n])
    c[n] = asin(t[n]) + acos(t[n]^3) + atan(x[n]) + atan2(x[n], t[n] - 2) + sigmoid(t[n]) + softplus(t[n])
    d[n] = gelu(t[n]) + erf(x[n]) + square(x[n]) + relu(t[n] - x[n]/4) + abs(t[n])*sign(t[n]) + t[n]/x[n]
    `,
    {
      sizes: [{ N: 5 }, { N: 1 }],
      range: { x: [0.2, 2], t: [-0.9, 0.9] },
      forward: ({ N }, { x, t }: Tensors<"x" | "t">) => {
        const of = (f: (x: number, t: number) => number): ReturnType<typeof grid> =>
          grid([N], (n) => f(x.at(n), t.at(n)));
        return {
          a: of((u) => Math.exp(u) + Math.log(u) + Math.log(1 + u) + Math.exp(u) - 1 + Math.sqrt(u)),
          b: of((u) => Math.sin(u) * Math.cos(u) + Math.tan(u / 2) - Math.exp(-u) + Math.tanh(u)),
          c: of(
            (u, v) =>
              Math.asin(v) +
              Math.acos(v ** 3) +
              Math.atan(u) +
              Math.atan2(u, v - 2) +
              sigmoid(v) +
              Math.log(1 + Math.exp(v)),
          ),
          d: of(
            (u, v) =>
              (v * (1 + erf(v / Math.SQRT2))) / 2 + erf(u) + u * u + Math.max(0, v - u / 4) + v + v / u,
          ),
        };
      },
    },
  );

  agrees(
    "powers",
    `
    param k = 3
    input x[N]
    input y[N]
    output a[N]
    output b[N]
    output c[N]
    a[n] = x[n]^2 + x[n]^3 - x[n]^k + x[n]^(-1)
    b[n] = abs(x[n])^y[n] + 2^y[n] + (x[n]^2)^(0.25*y[n])
    c[n] = -x[n]^2 + (-x[n])^3*2^-1 + x[n]^0 + 1.5^2^(x[n]/2)
    `,
    {
      sizes: [
        { N: 4, k: 3 },
        { N: 1, k: -2 },
        { N: 3, k: 4 },
      ],
      range: { x: [-2, -0.4] },
      forward: ({ N, k }, { x, y }: Tensors<"x" | "y">) => {
        const of = (f: (x: number, y: number) => number): ReturnType<typeof grid> =>
          grid([N], (n) => f(x.at(n), y.at(n)));
        return {
          a: of((u) => u ** 2 + u ** 3 - u ** k + 1 / u),
          b: of((u, v) => Math.abs(u) ** v + 2 ** v + Math.abs(u) ** (0.5 * v)),
          c: of((u) => -(u ** 2) + (-u) ** 3 / 2 + 1 + 1.5 ** (2 ** (u / 2))),
        };
      },
    },
  );

  agrees(
    "real_mod_floor_round",
    `
    input x[N]
    input m[N]
    output a[N]
    output b[N]
    output saw[N]
    a[n] = mod(x[n], m[n]) + mod(x[n], -0.7)
    b[n] = x[n]*floor(3*x[n]) + ceil(x[n])*x[n]^2 + round(4*x[n])*sin(x[n])
    saw[n] = 2*(x[n]*2 - floor(x[n]*2 + 0.5))
    `,
    {
      sizes: [{ N: 5 }, { N: 1 }],
      range: { x: [-1.93, 1.87], m: [0.6, 0.95] },
      forward: ({ N }, { x, m }: Tensors<"x" | "m">) => ({
        a: grid([N], (n) => mod(x.at(n), m.at(n)) + mod(x.at(n), -0.7)),
        b: grid([N], (n) => {
          const u = x.at(n);
          return u * Math.floor(3 * u) + Math.ceil(u) * u * u + Math.round(4 * u) * Math.sin(u);
        }),
        saw: grid([N], (n) => 2 * (x.at(n) * 2 - Math.floor(x.at(n) * 2 + 0.5))),
      }),
    },
  );

  agrees(
    "nested_helpers",
    `
    param slope = 0.1
    leaky(u) = where(u > 0, u, slope*u)
    lerp(a, b, t) = a + (b - a)*t
    blend(u) = lerp(leaky(u), tanh(u), gate(u))
    gate(v) = sigmoid(2*v)
    input x[N]
    input y[N]
    output z[N]
    z[n] = blend(x[n]*y[n]) + lerp(x[n], y[n], gate(lerp(y[n], x[n], 0.25)))
    `,
    {
      sizes: [
        { N: 4, slope: 0.1 },
        { N: 1, slope: -2 },
      ],
      forward: ({ N, slope }, { x, y }: Tensors<"x" | "y">) => ({
        z: grid([N], (n) => {
          const [a, b] = [x.at(n), y.at(n)];
          const u = a * b;
          const leaky = u > 0 ? u : slope * u;
          return leaky + (Math.tanh(u) - leaky) * gate(u) + a + (b - a) * gate(b + (a - b) * 0.25);
        }),
      }),
    },
  );

  agrees(
    "straight_through",
    `
    # Binarised weights: sign forward, identity within [-1, 1] backward.
    input x[N, C]
    weight w[C]
    output y[N]
    ste(u) = min(max(u, -1), 1) + stop(sign(u) - min(max(u, -1), 1))
    y[n] = sum[c](x[n,c]*ste(w[c])) + stop(w[0])*w[0]
    `,
    {
      sizes: [
        { N: 2, C: 4 },
        { N: 1, C: 1 },
      ],
      forward: ({ N, C }, { x, w }: Tensors<"x" | "w">, held) => {
        return {
          y: grid(
            [N],
            (n) =>
              sum([C], (c) => x.at(n, c) * (clip(w.at(c)) + Math.sign(held.w.at(c)) - clip(held.w.at(c)))) +
              held.w.at(0) * w.at(0),
          ),
        };
      },
    },
  );

  agrees(
    "conditions",
    `
    param lo = -0.5
    param hi = 0.8
    input x[N]
    data t[N]
    output y[N]
    y[n] = where(lo < x[n] and x[n] <= hi, x[n]^3, where(not(x[n] >= t[n]) or n == 0, -x[n], log(1 + x[n]^2))) +
           where(n != 1 and (t[n] > 0 or mod(n, 2) == 0), t[n]*x[n], 0)
    `,
    {
      sizes: [
        { N: 6, lo: -0.5, hi: 0.8 },
        { N: 1, lo: 1, hi: 1 },
        { N: 2, lo: -3, hi: 3 },
      ],
      forward: ({ N, lo, hi }, { x, t }: Tensors<"x" | "t">) => ({
        y: grid([N], (n) => {
          const u = x.at(n);
          const v = t.at(n);
          const first = lo < u && u <= hi ? u ** 3 : u < v || n === 0 ? -u : Math.log(1 + u * u);
          return first + (n !== 1 && (v > 0 || n % 2 === 0) ? v * u : 0);
        }),
      }),
    },
  );

  agrees(
    "scalars",
    `
    # Scalar inputs, weights, data and outputs, and statements between them.
    input t
    weight temperature
    data bias
    index which < 3
    weight options[3]
    output y
    output z
    scale = 1/sqrt(2*pi)
    α = exp(temperature)
    y = scale*t/α + bias*options[which]
    z = y^2 + sum[i](options[i]*i)*t
    `,
    {
      sizes: [{}],
      forward: (
        _,
        { t, temperature, bias, which, options }: Tensors<"t" | "temperature" | "bias" | "which" | "options">,
      ) => {
        const y =
          t.at() / Math.sqrt(2 * Math.PI) / Math.exp(temperature.at()) + bias.at() * options.at(which.at());
        return { y: scalar(y), z: scalar(y * y + sum([3], (i) => options.at(i) * i) * t.at()) };
      },
    },
  );

  it("stays finite and precise far out", async () => {
    const far = [-1000, -40, 40, 1000];
    expect(await at("softplus(x[n])", far)).toEqual({
      y: [0, Math.exp(-40), 40, 1000],
      dx: [0, expect.closeTo(Math.exp(-40), 25), 1, 1],
    });
    expect(await at("sigmoid(x[n])", far)).toMatchObject({ y: [0, expect.closeTo(Math.exp(-40), 25), 1, 1] });
    expect((await at("sigmoid(x[n])", far)).dx[1]).toBeCloseTo(Math.exp(-40), 25);
    expect(await at("erf(x[n])", far)).toEqual({ y: [-1, -1, 1, 1], dx: [0, 0, 0, 0] });
    expect((await at("gelu(x[n])", far)).y.map((u) => u + 0)).toEqual([0, 0, 40, 1000]);
    expect((await at("gelu(x[n])", far)).dx.map((u) => u + 0)).toEqual([0, 0, 1, 1]);
    const slope = expect.closeTo(1 / Math.cosh(40) ** 2, 47) as number;
    expect(await at("tanh(x[n])", far)).toEqual({ y: [-1, -1, 1, 1], dx: [0, slope, slope, 0] });
    const [value] = (await at("log1p(x[n]) + expm1(x[n])", [1e-12])).y;
    expect(value! / 2e-12).toBeCloseTo(1, 11);
  });

  it("computes erf and gelu to full precision", async () => {
    const x = [-5, -3, -1, -0.3, 0, 1e-9, 0.5, 0.84, 0.85, 1.25, 2.9, 4, 6];
    // the values are those of a high-precision library
    const exact = [
      -0.9999999999984626, -0.9999779095030014, -0.8427007929497149, -0.3286267594591274, 0,
      1.1283791670955127e-9, 0.5204998778130465, 0.7651427114549945, 0.7706680576083526, 0.9229001282564583,
      0.9999589021219005, 0.9999999845827421, 1,
    ];
    const { y } = await at("erf(x[n])", x);
    for (const [i, value] of exact.entries())
      expect(Math.abs(y[i]! - value), `erf(${x[i]})`).toBeLessThan(4e-16);
    // 0.5*erfc(3.5355…)*-5, where erf rounds to almost nothing
    expect((await at("gelu(x[n])", [-5])).y[0]! / -1.4332578664e-6).toBeCloseTo(1, 8);
  });

  it("rounds halves to even, and takes mod with the sign of the divisor", async () => {
    expect(
      (await at("round(x[n])", [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 2.4999])).y.map((u) => u + 0),
    ).toEqual([-2, -2, 0, 0, 2, 2, 4, 2]);
    expect((await at("mod(x[n], 3)", [-7, -3, 7, 5.5])).y.map((u) => u + 0)).toEqual([2, 0, 1, 2.5]);
    expect((await at("mod(x[n], -3)", [-7, 7])).y).toEqual([-1, -2]);
  });

  it("takes integer powers of negative numbers and of zero", async () => {
    expect(await at("x[n]^3", [-2, 0])).toEqual({ y: [-8, 0], dx: [12, 0] });
    expect(await at("x[n]^1", [-2, 0])).toEqual({ y: [-2, 0], dx: [1, 1] });
    expect((await at("x[n]^0", [-2, 0])).dx.map((u) => u + 0)).toEqual([0, 0]);
    expect(await at("x[n]^2", [-2, 0])).toMatchObject({ y: [4, 0] });
  });

  it("keeps the branch not taken out of the gradient", async () => {
    expect(await at("where(x[n] > 0, log(x[n]), 0)", [-1, 0, 1])).toEqual({ y: [0, 0, 0], dx: [0, 0, 1] });
    expect(await at("where(x[n] > 0, sqrt(x[n]), 2*x[n])", [-1, 0, 4])).toEqual({
      y: [-2, 0, 2],
      dx: [2, 2, 0.25],
    });
    expect(await at("where(x[n] == 0, 1, sin(x[n])/x[n])", [0])).toEqual({ y: [1], dx: [0] });
    expect((await at("sqrt(x[n])", [0])).dx).toEqual([Infinity]);
  });
});
