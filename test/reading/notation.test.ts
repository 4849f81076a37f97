/** One mathematics in many notations: what each is read as, and that errors planted in it are refuted. */
import { expect, it } from "vitest";
import { readingsOf, stepsOf, verdictsOf } from "./support.js";

const linear = String.raw`
Inputs $x \in \mathbb{R}^{N \times D}$, weights $W \in \mathbb{R}^{D \times K}$ and $b \in \mathbb{R}^{K}$.
$$ z = x W + b $$
`;

it.each([
  ["fractions", String.raw`\frac{\partial L}{\partial W} = x^T \frac{\partial L}{\partial z}`],
  ["one line", String.raw`\partial L / \partial W = x^\top \cdot \partial L / \partial z`],
  ["nabla", String.raw`\nabla_W L = x^{\mathsf{T}} \nabla_z L`],
  ["another loss", String.raw`\frac{\partial \mathcal{J}}{\partial W} = x^{\intercal} \frac{\partial \mathcal{J}}{\partial z}`],
  ["elements", String.raw`\frac{\partial L}{\partial W_{dk}} = \sum_{n=0}^{N-1} x_{nd} \frac{\partial L}{\partial z_{nk}}`],
  ["from one", String.raw`\frac{\partial L}{\partial W_{i,j}} = \sum_{n=1}^{N} \frac{\partial L}{\partial z_{n,j}} x_{n,i}`],
  ["the chain rule", String.raw`\frac{\partial L}{\partial w_{ij}} = \sum_{n=1}^{N} \sum_{m=1}^{K} \frac{\partial L}{\partial z_{nm}} \frac{\partial z_{nm}}{\partial w_{ij}}`],
  ["an inner product", String.raw`\frac{\partial L}{\partial W_{i,j}} = \langle x_{*,i}, \frac{\partial L}{\partial z_{:,j}} \rangle`],
  ["einsum", String.raw`\frac{\partial L}{\partial W} = \mathrm{einsum}(\text{"nd,nk->dk"}, x, \frac{\partial L}{\partial z})`],
  ["d", String.raw`\frac{dL}{dW} = x^T \frac{dL}{dz}`],
])("the gradient of a weight holds in %s", (_, equation) => {
  expect(verdictsOf(`${linear}$$ ${equation} $$`).at(-1)).toBe("holds");
}); // prettier-ignore

it.each([
  ["a sign", String.raw`\frac{\partial L}{\partial W} = -x^T \frac{\partial L}{\partial z}`],
  ["a factor", String.raw`\frac{\partial L}{\partial W} = 2 x^T \frac{\partial L}{\partial z}`],
  ["an einsum", String.raw`\frac{\partial L}{\partial W} = \mathrm{einsum}(\texttt{'nd,nk->dk'}, x, 3 \frac{\partial L}{\partial z})`],
  ["a mean for a sum", String.raw`\frac{\partial L}{\partial W_{i,j}} = \frac{1}{N} \sum_{n=1}^{N} \frac{\partial L}{\partial z_{n,j}} x_{n,i}`],
  ["a limit", String.raw`\frac{\partial L}{\partial W_{i,j}} = \sum_{n=0}^{N-2} \frac{\partial L}{\partial z_{n,j}} x_{n,i}`],
])("%s that is wrong is refuted", (_, equation) => {
  expect(verdictsOf(`${linear}$$ ${equation} $$`).at(-1)).toBe("refuted");
}); // prettier-ignore

it.each([
  ["an index on an axis of another size", String.raw`\frac{\partial L}{\partial W_{i,j}} = \sum_{n=1}^{N} \frac{\partial L}{\partial z_{n,i}} x_{n,j}`, /i runs below D and stands on an axis of z that has K/],
  ["an unknown name", String.raw`\frac{\partial L}{\partial W} = \tilde{x}^T \frac{\partial L}{\partial z}`, /x̃ is not|the shape of x̃/],
  ["a second derivative", String.raw`\frac{\partial L}{\partial b} = \frac{\partial^2 L}{\partial z^2}`, /not understood/],
  ["dots", String.raw`\frac{\partial L}{\partial b} = \frac{\partial L}{\partial z_1} + \cdots`, /…|not understood/],
])("%s: not understood, never refuted", (_, equation, reason) => {
  const step = stepsOf(`${linear}$$ ${equation} $$`).at(-1);
  expect(step?.verdict).toBeUndefined();
  expect(step?.reason).toMatch(reason);
}); // prettier-ignore

it("factors in an order that does not fit: said, with the order that would", () => {
  const step = stepsOf(
    String.raw`${linear}$$ \frac{\partial L}{\partial W} = x \frac{\partial L}{\partial z} $$`,
  ).at(-1);
  expect(step).toMatchObject({
    verdict: "does not fit",
    gradient: "dW[d, k] = sum[n < N](x[n, d] * dz[n, k])",
    notes: ["meant is x^T ∂L/∂z"],
  });
});

it("counts from one and from zero alike", () => {
  const one = String.raw`$$ y_{i} = \sum_{a=1}^{K} w_a x_{i+a-1} $$ $$ \frac{\partial L}{\partial w_a} = \sum_{i=1}^{T} \frac{\partial L}{\partial y_i} x_{i+a-1} $$`;
  const zero = String.raw`$$ y_{i} = \sum_{a=0}^{K-1} w_a x_{i+a} $$ $$ \frac{\partial L}{\partial w_a} = \sum_{i=0}^{T-1} \frac{\partial L}{\partial y_i} x_{i+a} $$`;
  expect(readingsOf(one)[0]).toBe("y[i] = sum[a < K](w[a] * x[i + a])");
  expect(readingsOf(one)[0]).toBe(readingsOf(zero)[0]);
  expect(verdictsOf(one)[1]).toBe("holds");
  const shifted = one.replace(/\\partial y_i\} x_\{i\+a-1\}/u, String.raw`\partial y_i} x_{i+a}`);
  expect(verdictsOf(shifted)[1]).toBe("refuted");
});

it("Hadamard products, activations and the layer after", () => {
  const notes = String.raw`
$$ z^l = W^l a^{l-1} + b^l, \qquad a^l = \sigma(z^l) $$
$$ \frac{\partial C}{\partial z^l} = \frac{\partial C}{\partial a^l} \odot \sigma'(z^l) $$
$$ \frac{\partial C}{\partial z^l} = (W^{l+1})^T \frac{\partial C}{\partial z^{l+1}} \odot \sigma'(z^l) $$
$$ \frac{\partial C}{\partial W^l} = \frac{\partial C}{\partial z^l} (a^{l-1})^T $$
$$ \frac{\partial C}{\partial z^l} = (W^{l+1})^T \frac{\partial C}{\partial z^{l+1}} $$`;
  expect(verdictsOf(notes).slice(2)).toEqual(["holds", "holds", "holds", "refuted"]);
});

it("a convolution by coordinates, with primes and strides", () => {
  const notes = String.raw`
$Z \in \mathbb{R}^{N,C,H,W}$, $X\in\mathbb{R}^{N,D,I,J}$ and $K\in\mathbb{R}^{C,D,F,F}$.
\[ z_{n,c,h,w} = \sum_{c'=0}^{D-1}\sum_{i=0}^{F-1}\sum_{j=0}^{F-1} x_{n,c',hS+i,wS+j} k_{c,c',i,j} \]
\begin{align}
\frac{\partial L}{\partial k_{c,c',i,j}} &= \sum_{n=0}^{N-1}\sum_{h=0}^{H-1}\sum_{w=0}^{W-1} \frac{\partial L}{\partial z_{n,c,h,w}} x_{n,c',hS+i,wS+j} \\
&= \sum_{n=0}^{N-1}\sum_{h=0}^{H-1}\sum_{w=0}^{W-1} \frac{\partial L}{\partial z_{n,c,h,w}} x_{n,c',hS+i,hS+j}
\end{align}`;
  const steps = stepsOf(notes.replace(/\\\\\n&=[^]*(?=\n\\end)/u, ""));
  expect(steps.at(-1)?.verdict).not.toBe("refuted");
  expect(steps.at(-1)?.reading).toBe(
    "claim dK[c, c', i, j] = sum[n < N, h < H, w < W](dZ[n, c, h, w] * X[n, c', h * S + i, w * S + j])",
  );
  expect(stepsOf(notes).at(-1)?.verdict).toBe("refuted");
});

it("does not tell a matrix product from a convolution where * is all there is", () => {
  const [step] = stepsOf(String.raw`$$ Y = X * W $$`);
  expect(step?.reading).toBeUndefined();
});
