/** Convolutions over windows of every small size, stride, dilation and pad, with the values that plain loops give. */
import { integers } from "../support/layers.js";

interface Window {
  readonly H: number;
  readonly R: number;
  readonly stride: number;
  readonly pad: number;
  readonly dilation: number;
}
/** Integers in, so that all that comes out is exact. */
export interface WindowCase {
  readonly sizes: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, Float64Array>>;
  readonly cotangents: Readonly<Record<string, Float64Array>>;
  readonly outputs: Readonly<Record<string, Float64Array>>;
  readonly gradients: Readonly<Record<string, Float64Array>>;
}

function* windows(most: Window): Generator<Window> {
  for (let H = 1; H <= most.H; H++)
    for (let R = 1; R <= most.R; R++)
      for (let stride = 1; stride <= most.stride; stride++)
        for (let pad = 0; pad <= most.pad; pad++)
          for (let dilation = 1; dilation <= most.dilation; dilation++)
            if (H + 2 * pad - dilation * (R - 1) - 1 >= 0) yield { H, R, stride, pad, dilation };
}
const outputs = ({ H, R, stride, pad, dilation }: Window): number =>
  Math.floor((H + 2 * pad - dilation * (R - 1) - 1) / stride) + 1;

export const conv1d = `
param stride = 1
param pad = 0
param dilation = 1
input x[H]
weight w[R]
output z[P]
P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
z[p] = sum[r](x[p*stride - pad + r*dilation] * w[r])
`;

export function* conv1dCases(): Generator<WindowCase> {
  for (const window of windows({ H: 8, R: 4, stride: 5, pad: 5, dilation: 4 })) {
    const { H, R, stride, pad, dilation } = window;
    const P = outputs(window);
    const [x, w, dz] = [integers(H, 1), integers(R, 2), integers(P, 3)];
    const [z, dx, dw] = [new Float64Array(P), new Float64Array(H), new Float64Array(R)];
    for (let p = 0; p < P; p++)
      for (let r = 0; r < R; r++) {
        const h = p * stride - pad + r * dilation;
        if (h < 0 || h >= H) continue;
        z[p] = (z[p] ?? 0) + (x[h] ?? 0) * (w[r] ?? 0);
        dx[h] = (dx[h] ?? 0) + (dz[p] ?? 0) * (w[r] ?? 0);
        dw[r] = (dw[r] ?? 0) + (dz[p] ?? 0) * (x[h] ?? 0);
      }
    yield {
      sizes: { ...window },
      inputs: { x, w },
      cotangents: { dz },
      outputs: { z },
      gradients: { dx, dw },
    };
  }
}

export const conv2d = `
param sh = 1
param sw = 1
param ph = 0
param pw = 0
param dh = 1
param dw_ = 1
input x[H, W]
weight k[R, S]
output z[P, Q]
P = floor((H + 2*ph - dh*(R - 1) - 1) / sh) + 1
Q = floor((W + 2*pw - dw_*(S - 1) - 1) / sw) + 1
z[p,q] = sum[r,s](x[p*sh - ph + r*dh, q*sw - pw + s*dw_] * k[r,s])
`;

/** Every window meets three others, so that all strides, pads and dilations are mixed. */
export function* conv2dCases(): Generator<WindowCase> {
  const small = [...windows({ H: 5, R: 3, stride: 3, pad: 2, dilation: 2 })];
  for (const [i, v] of small.entries())
    for (const step of [7, 31, 53]) yield pair(v, small[(i * step + step) % small.length] ?? v);
}

function pair(v: Window, u: Window): WindowCase {
  const [P, Q] = [outputs(v), outputs(u)];
  const [x, k, dz] = [integers(v.H * u.H, 4), integers(v.R * u.R, 5), integers(P * Q, 6)];
  const [z, dx, dk] = [new Float64Array(P * Q), new Float64Array(v.H * u.H), new Float64Array(v.R * u.R)];
  for (let p = 0; p < P; p++)
    for (let q = 0; q < Q; q++)
      for (let r = 0; r < v.R; r++)
        for (let s = 0; s < u.R; s++) {
          const [h, w] = [p * v.stride - v.pad + r * v.dilation, q * u.stride - u.pad + s * u.dilation];
          if (h < 0 || h >= v.H || w < 0 || w >= u.H) continue;
          const [o, a, b] = [p * Q + q, h * u.H + w, r * u.R + s];
          z[o] = (z[o] ?? 0) + (x[a] ?? 0) * (k[b] ?? 0);
          dx[a] = (dx[a] ?? 0) + (dz[o] ?? 0) * (k[b] ?? 0);
          dk[b] = (dk[b] ?? 0) + (dz[o] ?? 0) * (x[a] ?? 0);
        }
  const sizes = {
    ...{ H: v.H, R: v.R, sh: v.stride, ph: v.pad, dh: v.dilation },
    ...{ W: u.H, S: u.R, sw: u.stride, pw: u.pad, dw_: u.dilation },
  };
  return { sizes, inputs: { x, k }, cotangents: { dz }, outputs: { z }, gradients: { dx, dk } };
}
