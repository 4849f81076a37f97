import { describe, expect, it } from "vitest";
import { parseLayer } from "../../src/index.js";
import { add, agrees, grid, list, sum, type Tensors } from "./support.js";

const gradientsOf = (text: string): readonly string[] =>
  parseLayer(text, "first.layer")
    .derive({ steps: "none" })
    .gradients.map((g) => g.formula);

const conv = `
  param stride = 2
  input x[C, L]
  weight w[K, C, R]
  output z[K, P]
  P = floor((L - R)/stride) + 1
  z[k,p] = sum[c,r](x[c, p*stride + r]*w[k,c,r])
`;
const softmax = `
  input x[N, C]
  output y[N, C]
  u[n,c] = exp(x[n,c])
  y[n,c] = u[n,c]/sum[c'](u[n,c'])
`;

/** What `derive` prints, written into a layer of its own: outputs g_x, cotangents as inputs. */
describe("gradients of printed gradients", () => {
  const [dx, dw] = gradientsOf(conv);
  agrees(
    "conv_gradient",
    `
    param stride = 2
    input x[C, L]
    input w[K, C, R]
    input dz[K, P]
    output g_x[C, L]
    output g_w[K, C, R]
    P = floor((L - R)/stride) + 1
    g_${dx?.slice(1)}
    g_${dw?.slice(1)}
    `,
    {
      sizes: [
        { C: 2, L: 6, K: 2, R: 3, stride: 2 },
        { C: 1, L: 5, K: 1, R: 1, stride: 3 },
        { C: 1, L: 4, K: 2, R: 4, stride: 1 },
      ],
      forward: ({ C, L, K, R, stride }, { x, w, dz }: Tensors<"x" | "w" | "dz">) => {
        const P = Math.floor((L - R) / stride) + 1;
        return {
          g_x: grid([C, L], (c, l) =>
            sum([K, P, R], (k, p, r) => (p * stride + r === l ? dz.at(k, p) * w.at(k, c, r) : 0)),
          ),
          g_w: grid([K, C, R], (k, c, r) => sum([P], (p) => dz.at(k, p) * x.at(c, p * stride + r))),
        };
      },
    },
  );

  it("prints the gradient of a softmax by its output", () => {
    expect(gradientsOf(softmax).at(-1)).toMatch(/^dx\[n, c\] = /u);
  });

  agrees(
    "softmax_gradient",
    `
    input x[N, C]
    input dy[N, C]
    output g_x[N, C]
    u[n,c] = exp(x[n,c])
    y[n,c] = u[n,c]/sum[c'](u[n,c'])
    g_x[n,c] = (dy[n,c] - sum[c'](dy[n,c']*y[n,c']))*y[n,c]
    `,
    {
      sizes: [
        { N: 2, C: 3 },
        { N: 1, C: 1 },
      ],
      forward: ({ N, C }, { x, dy }: Tensors<"x" | "dy">) => ({
        g_x: grid([N, C], (n, c) => {
          const e = list([C], (i) => Math.exp(x.at(n, i)));
          const y = e.map((u) => u / add(e));
          return y[c]! * (dy.at(n, c) - add(y.map((u, i) => u * dy.at(n, i))));
        }),
      }),
    },
  );
});
