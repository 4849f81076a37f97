/** Claims that are wrong in places where few look, and true ones that look wrong. */
import { describe, expect, test } from "vitest";
import { checkClaims } from "../../src/verify/check.js";
import { closed, gradientsOf } from "./support.js";

const conv = `param stride = 1
param pad = 0
param dilation = 1
input x[C, H]
weight w[K, C, R]
output z[K, P]
P = floor((H + 2*pad - dilation*(R - 1) - 1)/stride) + 1
require H + 2*pad >= dilation*(R - 1) + 1
z[k,p] = sum[c,r](x[c, p*stride - pad + r*dilation]*w[k,c,r])`;
const pool = "input x[H]\noutput z[P]\nP = floor((H - 1)/2) + 1\nz[p] = max[r < 3](x[2*p + r - 1])";
const one = (f: string): string => `input x[N]\noutput z[N]\nz[n] = ${f}`;
const two = (f: string): string => `input x[N]\ninput y[N]\noutput z[N]\nz[n] = ${f}`;
const matrix = (f: string): string => `input x[N, C]\noutput z[N]\nz[n] = ${f}`;

/** The verdict, the layer, the claim. */
const cases: Readonly<Record<string, readonly (readonly ["proved" | "refuted" | "unproved", string, string])[]>> = {
  "ties and kinks": [
    ["refuted", one("min(max(x[n], 0), 6)"), "claim dx[n] = where(x[n] > 0 and x[n] <= 6, dz[n], 0)"],
    ["proved", one("min(max(x[n], 0), 6)"), "claim dx[n] = where(x[n] > 0 and x[n] < 6, dz[n], 0)"],
    ["refuted", one("max(-1, min(1, x[n]))"), "claim dx[n] = where(abs(x[n]) < 1 or x[n] == -1, dz[n], 0)"],
    ["refuted", `param a = 0.1\n${one("where(x[n] > 0, x[n], a*x[n])")}`, "claim dx[n] = dz[n]*where(x[n] >= 0, 1, a)"],
    ["proved", `param a = 0.1\n${one("where(x[n] > 0, x[n], a*x[n])")}`, "claim dx[n] = dz[n]*where(x[n] <= 0, a, 1)"],
    ["refuted", `param limit = 2.5\n${one("min(x[n], limit)^2")}`, "claim dx[n] = where(x[n] <= limit, 2*x[n]*dz[n], 0)"],
    ["refuted", one("abs(x[n])"), "claim dx[n] = dz[n]*where(x[n] < 0, -1, 1)"],
    ["proved", one("abs(x[n])*x[n]"), "claim dx[n] = 2*dz[n]*sqrt(x[n]^2)"],
    ["refuted", two("max(x[n], y[n])"), "claim dx[n] = where(x[n] >= y[n], dz[n], 0)"],
    ["proved", two("max(x[n], y[n])"), "claim dy[n] = where(x[n] > y[n], 0, dz[n])"],
    ["refuted", two("where(x[n] > y[n], x[n], y[n])^2"), "claim dy[n] = where(x[n] >= y[n], 0, 2*y[n]*dz[n])"],
    ["refuted", matrix("max[c](x[n,c])"), "claim dx[n,c] = dz[n]*where(x[n,c] == z[n], 1, 0)/count[c'](x[n,c'] == z[n])"],
    ["proved", matrix("max[c](x[n,c])"), "claim dx[n,c] = where(argmax[j](x[n,j]) == c, dz[n], 0)"],
    ["proved", matrix("max[c](x[n,c])"), "claim dx[n,c] = where(x[n,c] == z[n] and all[j < c](x[n,j] < x[n,c]), dz[n], 0)"],
    ["refuted", matrix("max[c](x[n,c])"), "claim dx[n,c] = where(x[n,c] == z[n] and all[c < j < C](x[n,j] < x[n,c]), dz[n], 0)"],
    ["refuted", pool, "claim dx[h] = sum[p](where(x[h] == z[p] and h <= 2*p + 1 and h >= 2*p - 1, dz[p], 0))"],
    ["refuted", one("x[n]*floor(x[n])"), "claim dx[n] = dz[n]*(ceil(x[n]) - 1)"],
    ["refuted", one("x[n]*round(x[n])"), "claim dx[n] = dz[n]*floor(x[n] + 0.5)"],
    ["refuted", one("mod(x[n], 2)"), "claim dx[n] = where(mod(x[n], 2) == 0, 0, dz[n])"],
    ["refuted", one("relu(x[n] - 1.5)"), "claim dx[n] = where(x[n] < 1.5, 0, dz[n])"],
  ],
  "values that few draw": [
    ["refuted", matrix("prod[c](x[n,c])"), "claim dx[n,c] = dz[n]*z[n]/x[n,c]"],
    ["proved", matrix("prod[c](x[n,c])"), "claim dx[n,c] = dz[n]*prod[j](where(j == c, 1, x[n,j]))"],
    ["refuted", one("x[n]^2"), "claim dx[n] = 2*dz[n]*z[n]/x[n]"],
    ["refuted", one("x[n]^4"), "claim dx[n] = 4*dz[n]*sqrt(z[n])*x[n] + 1e-6*dz[n]"],
    ["unproved", one("sigmoid(x[n])"), "claim dx[n] = where(x[n] > 40, 0, dz[n]*z[n]*(1 - z[n]))"],
    ["refuted", one("x[n]^2"), "claim dx[n] = where(x[n] > 5000, 0, 2*x[n]*dz[n])"],
    ["unproved", one("exp(x[n]) + log(x[n])"), "claim dx[n] = dz[n]*(exp(x[n])*1.000000000001 + 1/x[n])"],
    ["refuted", one("x[n]^3"), "claim dx[n] = dz[n]*x[n]^2*3.000000000001"],
    ["refuted", one("x[n]^2"), "claim dx[n] = 2*dz[n]*sqrt(x[n]^2)"],
    ["refuted", one("x[n]^2"), "claim dx[n] = 2*dz[n]*exp(log(x[n]^2)/2)"],
    ["refuted", one("x[n]^2"), "claim dx[n] = 2*dz[n]*(x[n]^3)^(1/3)"],
    ["refuted", one("x[n]*log(x[n]^2)"), "claim dx[n] = dz[n]*(2*log(x[n]) + 2)"],
    ["refuted", two("x[n]^2*log(y[n])"), "claim dx[n] = 2*dz[n]*abs(x[n])*log(y[n])"],
    ["refuted", two("x[n]^2*log(y[n])"), "claim dx[n] = 2*dz[n]*sqrt(x[n]^2)*log(y[n])"],
    ["proved", two("x[n]^2*sqrt(y[n]^2)"), "claim dx[n] = 2*dz[n]*x[n]*abs(y[n])"],
    ["refuted", two("y[n]*sqrt(x[n]*y[n])"), "claim dx[n] = dz[n]*y[n]/2*sqrt(y[n]/x[n])"],
    ["proved", two("sqrt(x[n])*sqrt(y[n])"), "claim dx[n] = dz[n]/2*sqrt(y[n]/x[n])"],
    // 0/0 where y is 0
    ["refuted", two("sqrt(x[n])*sqrt(y[n])"), "claim dx[n] = dz[n]*y[n]/(2*sqrt(x[n]*y[n]))"],
    ["proved", two("sqrt(x[n])*sqrt(exp(y[n]))"), "claim dx[n] = dz[n]*exp(y[n])/(2*sqrt(x[n]*exp(y[n])))"],
  ],
  "sizes that few try": [
    ["refuted", one("x[n]^2"), "claim dx[n] = where(N > 50, 0, 2*x[n]*dz[n])"],
    ["refuted", one("x[n]^2"), "claim dx[n] = where(mod(N, 11) == 5, 0, 2*x[n]*dz[n])"],
    ["refuted", one("x[n]^2"), "claim dx[n] = 2*x[n]*dz[n]*where(n == 23, 2, 1)"],
    ["refuted", conv, "claim dw[k,c,r] = sum[p](dz[k,p]*x[c, p + r])"],
    ["refuted", conv, "claim dw[k,c,r] = sum[p](dz[k,p]*x[c, p*stride + r*dilation])"],
    ["refuted", conv, "claim dw[k,c,r] = sum[p](dz[k,p]*x[c, p*dilation - pad + r*stride])"],
    ["refuted", conv, "claim dx[c,h] = sum[k,r](dz[k, floor((h + pad - r*dilation)/stride)]*w[k,c,r])"],
    ["refuted", conv, "claim dx[c,h] = sum[k,r](where(mod(h + pad - r, stride) == 0, dz[k, (h + pad - r*dilation)/stride]*w[k,c,r], 0))"],
    ["refuted", conv, "claim dx[c,h] = sum[k,r](dz[k, (h + pad - r*dilation)/stride]*w[k,c,r]*where(R == 1, 2, 1))"],
    ["refuted", conv, "claim dx[c,h] = sum[k,r](dz[k, (h + pad - r*dilation)/stride]*w[k,c,r]*where(stride == 2 and dilation == 2, 0, 1))"],
    ["proved", conv, "claim dx[c,h] = sum[k,p](dz[k,p]*sum[r](where(p*stride - pad + r*dilation == h, w[k,c,r], 0)))"],
    ["refuted", "input x[H]\noutput z[H]\nz[h] = mean[r < 3](x[h + r - 1])", "claim dx[h] = sum[r < 3](dz[h - r + 1])/3"],
    ["proved", "input x[H]\noutput z[H]\nz[h] = mean[r < 3](x[h + r - 1])", "claim dx[h] = sum[r < 3](dz[h - r + 1]/count[s < 3](h - r + s >= 0 and h - r + s < H))"],
    ["refuted", "input x[N]\noutput z[N]\nz[i] = sum[j <= i](x[j])", "claim dx[j] = sum[j < i < N](dz[i])"],
    ["proved", "input x[N]\noutput z[N]\nz[i] = sum[j <= i](x[j])", "claim dx[j] = sum[i](dz[i]) - sum[i < j](dz[i])"],
    ["refuted", "input x[N, N]\noutput z\nz = sum[i,j](x[i,j]*x[j,i])", "claim dx[i,j] = dz*(x[j,i] + where(i == j, 0, x[j,i]))"],
    ["refuted", "input x[N, N]\noutput z[N]\nz[i] = x[i,i]^2", "claim dx[i,j] = 2*dz[i]*x[i,j]"],
  ],
  "data and params": [
    ["refuted", "param eps = 1e-5\ninput x[N, C]\noutput y[N, C]\nr[n] = 1/sqrt(mean[c](x[n,c]^2) + eps)\ny[n,c] = x[n,c]*r[n]", "g[n] = (mean[c](x[n,c]^2) + 1e-5)^(-0.5)\nclaim dx[n,c] = g[n]*dy[n,c] - g[n]^3*x[n,c]*mean[j](dy[n,j]*x[n,j])"],
    ["refuted", "weight table[V, D]\nindex t[N] < V\noutput z[N, D]\nz[n,d] = table[t[n], d]", "claim dtable[v,d] = sum[n](where(t[n] == v and all[m < n](t[m] != v), dz[n,d], 0))"],
    ["refuted", "weight table[V, D]\nindex t[N] < V\noutput z[N, D]\nz[n,d] = table[t[n], d]", "claim dtable[v,d] = sum[n](where(t[n] == v and v > 0, dz[n,d], 0))"],
    ["proved", "weight table[V, D]\nindex t[N] < V\noutput z[N, D]\nz[n,d] = table[t[n], d]", "claim dtable[v,d] = sum[n](where(t[n] == v, dz[n,d], 0))"],
    ["refuted", "input x[N]\noutput y[N]\noutput z[N]\ny[n] = x[n]^2\nz[n] = y[n]*x[n]", "claim dx[n] = 2*x[n]*dy[n] + y[n]*dz[n]"],
    ["proved", "input x[N]\noutput y[N]\noutput z[N]\ny[n] = x[n]^2\nz[n] = y[n]*x[n]", "claim dx[n] = 2*x[n]*dy[n] + 3*y[n]*dz[n]"],
    ["refuted", "input x[N]\noutput z[N]\nz[n] = x[n]*stop(x[n])", "claim dx[n] = 2*x[n]*dz[n]"],
  ],
}; // prettier-ignore

const verdict = (layer: string, claim: string): string => {
  const subject = closed(`${layer}\n${claim}`);
  const reports = checkClaims(
    { layer: subject, gradientLayer: gradientsOf(subject) },
    { trials: 10, seed: 3 },
  );
  return reports.map((report) => report.verdict).join();
};
describe.each(Object.entries(cases))("%s", (_, all) => {
  test.each(all)("%s: %s\n%s", (expected, layer, claim) => expect(verdict(layer, claim)).toBe(expected));
});
