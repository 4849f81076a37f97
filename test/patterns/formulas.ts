/** One formula in many writings, and layers with indices that are taken apart, turned and solved for. */

const header = `param stride = 1
param dilation = 1
param pad = 0
input x[N, C, H]
weight w[K, C, R]
weight b[K]
output z[N, K, P]
P = floor((H + 2*pad - dilation*(R - 1) - 1) / stride) + 1
`;
const written = (formula: string): string => `${header}${formula}\n`;

export const convolution = written(
  "z[n,k,p] = sum[c,r](x[n, c, p*stride + r*dilation - pad] * w[k,c,r]) + b[k]",
);

/** All of them the convolution above. */
export const writings: Readonly<Record<string, string>> = {
  "renamed and reordered": written(
    "z[a,o,i] = b[o] + sum[t,j](w[o,j,t] * x[a, j, t*dilation - pad + stride*i])",
  ),
  "the window turned": written(
    "z[n,k,p] = sum[c, r < R](x[n, c, p*stride + (R-1-r)*dilation - pad] * w[k,c,R-1-r]) + b[k]",
  ),
  "the window shifted": written(
    "z[n,k,p] = sum[c, 1 <= r <= R](x[n, c, p*stride + (r-1)*dilation - pad] * w[k,c,r-1]) + b[k]",
  ),
  "nested sums": written("z[n,k,p] = sum[c](sum[r](x[n, c, p*stride + r*dilation - pad] * w[k,c,r])) + b[k]"),
  "the bias inside, once": written(
    "z[n,k,p] = sum[c,r](pad(x[n, c, p*stride + r*dilation - pad], 0) * w[k,c,r] + where(c == 0 and r == 0, b[k], 0))",
  ),
  "an equality": written(
    "z[n,k,p] = sum[c,h,r](where(h == p*stride + r*dilation - pad, x[n,c,h] * w[k,c,r], 0)) + b[k]",
  ),
  "an equality, other order": written(
    "z[n,k,p] = b[k] + sum[r,h,c](where(h + pad - r*dilation == p*stride, w[k,c,r] * x[n,c,h], 0))",
  ),
  "guards written out": written(
    "z[n,k,p] = sum[c,r](where(pad <= p*stride + r*dilation and p*stride + r*dilation < H + pad, x[n, c, p*stride + r*dilation - pad] * w[k,c,r], 0)) + b[k]",
  ),
  "over the data": written("z[n,k,p] = sum[c,h](x[n,c,h] * w[k, c, (h + pad - p*stride)/dilation]) + b[k]"),
};

/** Layers that exercise one rule each. */
export const readings: Readonly<Record<string, string>> = {
  "a transposed convolution by an equality": `param stride = 2
param pad = 1
param dilation = 1
input x[N, C, H]
weight w[C, K, R]
output z[N, K, P]
P = (H - 1)*stride - 2*pad + dilation*(R - 1) + 1
z[n,k,p] = sum[c,h,r](where(h*stride + r*dilation - pad == p, x[n,c,h]*w[c,k,r], 0))
`,
  "a transposed convolution by divisibility": `param stride = 2
input x[N, C, H]
weight w[C, K, R]
output z[N, K, P]
P = (H - 1)*stride + R
z[n,k,p] = sum[c,r](where(mod(p - r, stride) == 0, x[n, c, floor((p - r)/stride)]*w[c,k,r], 0))
`,
  "channels in two indices": `param stride = 2
input x[N, G*C, H]
weight w[K, G*C, R]
output z[N, K, P]
P = floor((H - R)/stride) + 1
z[n,k,p] = sum[g < G, c < C, r](x[n, g*C + c, p*stride + r] * w[k, g*C + c, r])
`,
  "groups by floor": `input x[N, G*C, H]
weight w[G*K, C, R]
output z[N, G*K, P]
P = H - R + 1
z[n,k,p] = sum[c,r](x[n, floor(k/K)*C + c, p + r] * w[k,c,r])
`,
  "windows that do not overlap": `input x[N, C, P*R]
weight w[K, C, R]
output z[N, K, P]
z[n,k,p] = sum[c,r](x[n, c, p*R + r] * w[k,c,r])
`,
  "a true convolution": `input x[N, H]
weight w[R]
output z[N, H + R - 1]
z[n,p] = sum[r](x[n, p - r] * w[r])
`,
  "over the data": `input x[N, C, H]
weight w[K, C, R]
output z[N, K, P]
P = H - R + 1
z[n,k,p] = sum[c,h](x[n,c,h] * w[k, c, h - p])
`,
  "repeated values": `input x[N, C, H, W]
output z[N, C, 2*H, 2*W]
z[n,c,h,w] = x[n, c, floor(h/2), floor(w/2)]
`,
  "a triangle": `input x[N, L, C]
weight w[L, L]
output z[N, L, C]
z[n,i,c] = sum[j <= i](w[i,j] * x[n,j,c])
`,
  "a maximum over a turned window": `param stride = 2
input x[N, H]
output z[N, P]
P = floor((H - R)/stride) + 1
require R >= 1, "the window has an element"
input y[R]
z[n,p] = max[r < R](x[n, p*stride + R - 1 - r] + y[r])
`,
  "three operands": `input a[I, R]
input b[J, R]
input c[K, R]
output z[I, J, K]
z[i,j,k] = sum[r](a[i,r] * b[j,r] * c[k,r])
`,
};
