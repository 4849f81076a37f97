import { describe, expect, it } from "vitest";
import { parseLayer } from "../../src/index.js";
import { agrees, grid, list, max, mean, mod, run, scalar, sum, type Tensors } from "./support.js";

describe("declarations and extents", () => {
  agrees(
    "inferred_extents",
    `
    input x[N, L]
    weight w[R, K]
    output z
    output d
    output every_other
    z[n,k,p] = sum[r](x[n, p + r]*w[r,k])
    d[n,i] = x[n, i + 2] - x[n,i]
    every_other[n,i] = x[n, 2*i]*x[n, 2*i + 1]
    check N = 2, L = 7, R = 3, K = 2
    `,
    {
      sizes: [
        { N: 2, L: 6, R: 3, K: 2 },
        { N: 1, L: 3, R: 1, K: 1 },
        { N: 1, L: 5, R: 5, K: 1 },
      ],
      forward: ({ N, L, R, K }, { x, w }: Tensors<"x" | "w">) => ({
        z: grid([N, K, L - R + 1], (n, k, p) => sum([R], (r) => x.at(n, p + r) * w.at(r, k))),
        d: grid([N, L - 2], (n, i) => x.at(n, i + 2) - x.at(n, i)),
        every_other: grid([N, Math.floor(L / 2)], (n, i) => x.at(n, 2 * i) * x.at(n, 2 * i + 1)),
      }),
    },
  );

  agrees(
    "inferred_strided",
    `
    # The number of windows is nowhere written.
    param stride = 2
    param dil = 1
    input x[N, H, W]
    weight w[R, S]
    output z
    z[n,p,q] = sum[r,s](x[n, p*stride + r*dil, q + s]*w[r,s])
    `,
    {
      sizes: [
        { N: 1, H: 5, W: 4, R: 2, S: 3, stride: 2, dil: 2 },
        { N: 2, H: 3, W: 1, R: 1, S: 1, stride: 5, dil: 1 },
        { N: 1, H: 4, W: 2, R: 4, S: 1, stride: 3, dil: 1 },
      ],
      forward: ({ N, H, W, R, S, stride, dil }, { x, w }: Tensors<"x" | "w">) => ({
        z: grid([N, Math.floor((H - dil * (R - 1) - 1) / stride) + 1, W - S + 1], (n, p, q) =>
          sum([R, S], (r, s) => x.at(n, p * stride + r * dil, q + s) * w.at(r, s)),
        ),
      }),
    },
  );

  agrees(
    "derived_sizes",
    `
    param k = 3
    input x[N, L]
    output a[N, A]
    output b[N, B]
    output c[N, C]
    A = ceil(L/k) + mod(L, k)
    B = min(L, k)*max(1, L - k)
    C = floor((L^2 + 1)/(k + 1)) + 1
    a[n,i] = x[n, mod(i, L)]*i + C/B
    b[n, j] = x[n, mod(j, L)]
    c[n, j] = x[n, mod(7*j + 3, L)]*L^2/A
    `,
    {
      sizes: [
        { N: 1, L: 5, k: 3 },
        { N: 2, L: 1, k: 1 },
        { N: 1, L: 4, k: 2 },
      ],
      forward: ({ N, L, k }, { x }: Tensors<"x">) => {
        const A = Math.ceil(L / k) + (L % k);
        const B = Math.min(L, k) * Math.max(1, L - k);
        const C = Math.floor((L ** 2 + 1) / (k + 1)) + 1;
        return {
          a: grid([N, A], (n, i) => x.at(n, i % L) * i + C / B),
          b: grid([N, B], (n, j) => x.at(n, j % L)),
          c: grid([N, C], (n, j) => (x.at(n, mod(7 * j + 3, L)) * L ** 2) / A),
        };
      },
    },
  );

  agrees(
    "unicode_and_primes",
    `
    # Names of papers: γ, μ, x̂, and primed indices; w is a weight, a size's index and a helper's argument.
    param ε = 0.01
    input x[N, C]
    weight γ[C]
    weight w[C, C]
    output ŷ[N, C]
    double(w) = 2*w
    μ[n] = mean[c'](x[n,c'])
    σ[n] = sqrt(mean[c'']((x[n,c''] - μ[n])^2) + ε)
    x̂[n,c] = (x[n,c] - μ[n])/σ[n]
    ŷ[n,c] = γ[c]*Σ[c'](x̂[n,c']*double(w[c,c'])) + Σ[w](w[w,c]*x̂[n,w])
    `,
    {
      sizes: [
        { N: 2, C: 3, ε: 0.01 },
        { N: 1, C: 1, ε: 1 },
      ],
      forward: ({ N, C, ε }, { x, γ, w }: Tensors<"x" | "γ" | "w">) => {
        const x̂ = grid([N, C], (n, c) => {
          const row = list([C], (i) => x.at(n, i));
          const μ = mean(row);
          return (x.at(n, c) - μ) / Math.sqrt(mean(row.map((u) => (u - μ) ** 2)) + ε);
        });
        return {
          ŷ: grid([N, C], (n, c) =>
            sum([C], (i) => γ.at(c) * x̂.at(n, i) * 2 * w.at(c, i) + w.at(i, c) * x̂.at(n, i)),
          ),
        };
      },
    },
  );

  agrees(
    "names_of_programs",
    `
    # Names that mean something to JavaScript or to generated code.
    input sizes[N]
    input inputs[N]
    weight at[N]
    weight length[N]
    output constructor[N]
    output sum_[N]
    plan[n] = sizes[n]*inputs[n]
    Math[n] = plan[n]*at[n]
    constructor[n] = Math[n] + length[n]^2
    sum_[n] = sum[arguments](constructor[arguments]*sizes[arguments])*at[n]
    `,
    {
      sizes: [{ N: 3 }, { N: 1 }],
      forward: ({ N }, { sizes, inputs, at, length }: Tensors<"sizes" | "inputs" | "at" | "length">) => {
        const out = grid([N], (n) => sizes.at(n) * inputs.at(n) * at.at(n) + length.at(n) ** 2);
        return {
          constructor: out,
          sum_: grid([N], (n) => sum([N], (m) => out.at(m) * sizes.at(m)) * at.at(n)),
        };
      },
    },
  );

  agrees(
    "affine_left_sides",
    `
    input x[N, C, H, W]
    output flat[N, C*H*W]
    output reversed[N, C]
    output shifted[N, H]
    output transposed[N, W*H]
    flat[n, (c*H + h)*W + w] = x[n,c,h,w]
    reversed[n, C - 1 - c] = x[n,c,0,0]*(c + 1)
    transposed[n, w*H + h] = sum[c](x[n,c,h,w])
    shifted[n, h] = max[c](x[n,c,H - h - 1,W - 1])
    `,
    {
      sizes: [
        { N: 2, C: 2, H: 3, W: 2 },
        { N: 1, C: 1, H: 1, W: 1 },
        { N: 1, C: 3, H: 1, W: 2 },
      ],
      forward: ({ N, C, H, W }, { x }: Tensors<"x">) => ({
        flat: grid([N, C * H * W], (n, l) => x.at(n, Math.floor(l / (H * W)), Math.floor(l / W) % H, l % W)),
        reversed: grid([N, C], (n, c) => x.at(n, C - 1 - c, 0, 0) * (C - c)),
        transposed: grid([N, W * H], (n, l) => sum([C], (c) => x.at(n, c, l % H, Math.floor(l / H)))),
        shifted: grid([N, H], (n, h) => max([C], (c) => x.at(n, c, H - 1 - h, W - 1))),
      }),
    },
  );

  agrees(
    "many_lines",
    `
    # One statement over many lines.

    input x[N,
            C]   # a comment inside
    weight w[C]
    output y[N]
    y[n] =
      sum[c](
        x[n,c] *
        w[c]     # and here
      ) +
      max[c](
        x[n,
          c]
      )
    `,
    {
      sizes: [
        { N: 2, C: 3 },
        { N: 1, C: 1 },
      ],
      forward: ({ N, C }, { x, w }: Tensors<"x" | "w">) => ({
        y: grid([N], (n) => sum([C], (c) => x.at(n, c) * w.at(c)) + max([C], (c) => x.at(n, c))),
      }),
    },
  );

  agrees(
    "constants_and_real_sizes",
    `
    # Sizes, params and constants as real numbers, with constants of constants.
    param gain = 1.5
    param steps = 3
    input x[N, D]
    output y[N, D]
    output bound
    std = gain/sqrt(D)
    limit = std*sqrt(3) + e - pi
    y[n,d] = x[n,d]*std + limit*steps/N + sum[i < steps](x[n,d]^i)
    bound = limit*sum[n,d](x[n,d])
    `,
    {
      sizes: [
        { N: 2, D: 3, gain: 1.5, steps: 3 },
        { N: 1, D: 1, gain: -0.25, steps: 1 },
      ],
      forward: ({ N, D, gain, steps }, { x }: Tensors<"x">) => {
        const std = gain / Math.sqrt(D);
        const limit = std * Math.sqrt(3) + Math.E - Math.PI;
        return {
          y: grid(
            [N, D],
            (n, d) => x.at(n, d) * std + (limit * steps) / N + sum([steps], (i) => x.at(n, d) ** i),
          ),
          bound: scalar(limit * sum([N, D], (n, d) => x.at(n, d))),
        };
      },
    },
  );

  agrees(
    "no_gradient_to_take",
    `
    # Data and indices only.
    data x[N]
    index t[N] < N
    output y[N]
    output k
    y[n] = x[t[n]]^2
    k = argmax[n](x[n])
    `,
    {
      sizes: [{ N: 3 }, { N: 1 }],
      forward: ({ N }, { x, t }: Tensors<"x" | "t">) => {
        const all = list([N], (n) => x.at(n));
        return {
          y: grid([N], (n) => x.at(t.at(n)) ** 2),
          k: scalar(all.indexOf(Math.max(...all))),
        };
      },
    },
  );

  agrees(
    "unused_and_constant",
    `
    # An input that nothing reads has a gradient of zeros; an output may read nothing.
    input x[N]
    weight unused[N, 2]
    output y[N]
    output one[N, 3]
    y[n] = x[n]
    one[n,i] = n + 10*i
    `,
    {
      sizes: [{ N: 2 }, { N: 1 }],
      forward: ({ N }, { x }: Tensors<"x" | "unused">) => ({
        y: grid([N], (n) => x.at(n)),
        one: grid([N, 3], (n, i) => n + 10 * i),
      }),
    },
  );

  it("has plans of its variants", async () => {
    const text = `
      param stride = 1
      input x[N, L]
      weight w[R]
      output z[N, P]
      require L >= R, "the window is too long"
      P = floor((L - R)/stride) + 1
      z[n,p] = sum[r](x[n, p*stride + r]*w[r])
      variant pairs: R = 2, stride = 2
      variant fixed: N = 1, L = 4, R = 4, stride = 3
    `;
    const plans = await parseLayer(text, "windows.layer").compile();
    expect(Object.keys(plans)).toEqual(["windows", "pairs", "fixed"]);
    const x = Float64Array.of(1, 2, 3, 4);
    const pairs = plans["pairs"]!({ N: 1, L: 4 }, { dtype: "f64" });
    expect(pairs.forward({ x, w: Float64Array.of(1, 10) })["z"]).toEqual(Float64Array.of(21, 43));
    expect(pairs.backward({ x, w: Float64Array.of(1, 10), dz: Float64Array.of(1, 2) })).toEqual({
      dx: Float64Array.of(1, 10, 2, 20),
      dw: Float64Array.of(7, 10),
    });
    const fixed = plans["fixed"]!({}, { dtype: "f64" });
    expect(fixed.forward({ x, w: Float64Array.of(1, 1, 1, 1) })["z"]).toEqual(Float64Array.of(10));
    expect(() => plans["windows"]({ N: 1, L: 2, R: 3 })).toThrow(/the window is too long/u);
    expect(() => plans["pairs"]!({ N: 1, L: 4, R: 3 })).toThrow(/R/u);
  });

  it("refuses reads outside at the sizes given, naming the place", async () => {
    const text = "param by = 1\ninput x[N]\noutput y[N]\ny[n] = where(n + by < N, x[n + by], x[n])";
    expect((await run(text, { N: 3, by: 1 }, { x: [1, 2, 3], dy: [1, 1, 1] }))["y"]).toEqual([2, 3, 3]);
    await expect(run(text, { N: 3, by: -1 }, { x: [1, 2, 3], dy: [1, 1, 1] })).rejects.toThrow(/x\[/u);
  });
});
