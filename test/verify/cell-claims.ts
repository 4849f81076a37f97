/**
 * Claims whose verdict hangs on one cell: a size beyond a constant, a tie, the sign of a param, a count, a remainder. Beside each
 * wrong one stands a right one of the same shape where there is one.
 */
export interface CellClaim {
  readonly layer: string;
  readonly right: readonly string[];
  readonly wrong: readonly string[];
}
const pointwise = (f: string, more = ""): string => `${more}input x[N]\noutput z[N]\nz[n] = ${f}`;
const dx = (f: string): string => `claim dx[n] = dz[n]*(${f})`;

export const cellClaims: Readonly<Record<string, CellClaim>> = {
  "kinks at solved points": {
    layer: pointwise("relu(4*x[n] - 10)"),
    right: [dx("where(x[n] > 2.5, 4, 0)"), dx("where(4*x[n] <= 10, 0, 4)")],
    wrong: [dx("where(x[n] >= 2.5, 4, 0)"), dx("where(x[n] > 2.4999, 4, 0)"), dx("where(x[n] > 2.5, 4, where(x[n] < -77, 1, 0))")],
  },
  "an irrational kink": {
    layer: pointwise("where(x[n]^2 > 5, x[n], 0)"),
    right: [dx("where(x[n]*x[n] > 5, 1, 0)"), dx("where(x[n]^2 <= 5, 0, 1)")],
    wrong: [dx("where(abs(x[n]) > 2.236067, 1, 0)"), dx("where(abs(x[n]) > 2.2360680, 1, 0)")],
  },
  "a kink under a function": {
    layer: pointwise("where(tanh(x[n]) > 0.5, x[n]^2, 0)"),
    right: [dx("where(tanh(x[n]) > 0.5, 2*x[n], 0)")],
    wrong: [dx("where(x[n] > 0.5493, 2*x[n], 0)"), dx("where(tanh(x[n]) > 0.5, 2*x[n], 0) + where(x[n] > 60, 1, 0)")],
  },
  "a kink of two tensors": {
    layer: "input a[N]\ninput b[N]\noutput z[N]\nz[n] = max(2*a[n], b[n] + 1)",
    right: ["claim da[n] = where(2*a[n] > b[n] + 1, 2*dz[n], 0)", "claim db[n] = where(2*a[n] <= b[n] + 1, dz[n], 0)"],
    wrong: ["claim da[n] = where(2*a[n] >= b[n] + 1, 2*dz[n], 0)", "claim db[n] = where(2*a[n] < b[n] + 1, dz[n], 0)"],
  },
  "two kinks side by side": {
    layer: pointwise("relu(x[n] - 1) + relu(-x[n] - 1)"),
    right: [dx("where(x[n] > 1, 1, where(x[n] < -1, -1, 0))"), dx("where(abs(x[n]) > 1, sign(x[n]), 0)")],
    wrong: [dx("where(abs(x[n]) >= 1, sign(x[n]), 0)"), dx("where(abs(x[n]) > 1, sign(x[n]), 0) + where(x[n] > 1, 1, 0)*where(x[n] < 1.001, 1, 0)")],
  },
  "rounding": {
    layer: pointwise("x[n]*floor(x[n])"),
    right: [dx("floor(x[n])"), dx("-ceil(-x[n])")],
    wrong: [dx("ceil(x[n]) - 1"), dx("round(x[n] - 0.5)"), dx("where(x[n] < 0, ceil(x[n]), floor(x[n]))")],
  },
  "a real modulus": {
    layer: pointwise("x[n]*mod(x[n], 3)"),
    right: [dx("mod(x[n], 3) + x[n]"), dx("2*x[n] - 3*floor(x[n]/3)")],
    wrong: [dx("mod(x[n], 3) + x[n] + where(floor(x[n]/3) > 9, 1, 0)"), dx("mod(x[n], 3) + where(x[n] > -50, x[n], 0)")],
  },
  "a factor of either sign": {
    layer: pointwise("abs(s*x[n])", "param s = 3.0\n"),
    right: [dx("s*sign(s*x[n])"), dx("abs(s)*sign(x[n])")],
    wrong: [dx("s*sign(x[n])"), dx("where(s > 100, 0, abs(s)*sign(x[n]))")],
  },
  "a factor that is required to be positive": {
    layer: pointwise("abs(s*x[n])", "param s = 3.0\nrequire s > 0\n"),
    right: [dx("s*sign(x[n])")],
    wrong: [dx("min(s, 5)*sign(x[n])"), dx("max(s, 1)*sign(x[n])")],
  },
  "two params": {
    layer: pointwise("where(a*x[n] > b, x[n], 0)", "param a = 1.0\nparam b = 2.0\n"),
    right: [dx("where(a*x[n] > b, 1, 0)")],
    wrong: [dx("where(x[n] > b/a, 1, 0)"), dx("where(a*x[n] > abs(b), 1, 0)")],
  },
  "an integer param": {
    layer: pointwise("x[n]^2*k", "param k = 2\n"),
    right: [dx("2*k*x[n]"), dx("k*x[n] + k*x[n]")],
    wrong: [dx("2*abs(k)*x[n]"), dx("2*min(k, 20)*x[n]"), dx("2*k*x[n] + floor(k/50)"), dx("2*k*x[n]*where(k == -3, 2, 1)")],
  },
  "a threshold of the size": {
    layer: pointwise("x[n]^2"),
    right: [dx("2*x[n]"), dx("2*x[n]*max(1, min(N, 1))")],
    wrong: [dx("where(N > 300, 0, 2*x[n])"), dx("2*x[n]*min(N, 200)/min(N, 201)"), dx("2*x[n] + floor(N/600)"), dx("where(N^2 > 20000, 0, 2*x[n])"), dx("2*x[n] + where(log(N) > 5, 1, 0)"), dx("2*x[n]*where(mod(N, 97) == 13, 0, 1)")],
  },
  "a threshold of the index": {
    layer: pointwise("3*x[n]"),
    right: [dx("3*(n + 1)/(n + 1)"), "claim dx[n] = sum[k < 3](dz[n])"],
    wrong: [dx("where(n == 77, 2, 3)"), dx("3 + relu(n - 64)"), dx("3 + max(n, 90) - 90"), dx("3*where(mod(n, 50) == 49, 2, 1)"), dx("3 + floor(n/140)"), "claim dx[n] = 3*dz[n] + sum[k < 4](pad(dz[n + 60*k + 30], 0))"],
  },
  "two sizes together": {
    layer: "input x[N, M]\noutput z[N, M]\nz[n,m] = x[n,m]^2",
    right: ["claim dx[n,m] = 2*x[n,m]*dz[n,m]"],
    wrong: ["claim dx[n,m] = where(N > 8 and M > 17, 0, 2*x[n,m]*dz[n,m])", "claim dx[n,m] = 2*x[n,m]*dz[n,m] + where(n > 9 and m > 9, 1, 0)", "claim dx[n,m] = 2*x[n,m]*dz[n,m] + where(N*M > 150, 1, 0)"],
  },
  "blocks of a sum": {
    layer: "input a[M, K]\ninput b[K]\noutput c[M]\nc[m] = sum[k](a[m,k]*b[k])",
    right: ["claim db[k] = sum[m](dc[m]*a[m,k])", "claim db[k] = sum[m](dc[M - 1 - m]*a[M - 1 - m, k])", "claim db[k] = sum[m < 2](dc[m]*a[m,k]) + sum[2 <= m < M](dc[m]*a[m,k])"],
    wrong: ["claim db[k] = sum[i < 3, m < 20](dc[i*20 + m]*a[i*20 + m, k])", "claim db[k] = sum[m < 50](dc[m]*a[m,k])", "claim db[k] = sum[m < min(M, 40)](dc[m]*a[m,k])"],
  },
  "a window of a band": {
    layer: "param w = 2\ninput x[N]\noutput y[N]\nrequire w >= 0\ny[i] = sum[i - w <= j <= i + w](x[j])",
    right: ["claim dx[j] = sum[j - w <= i <= j + w](dy[i])", "claim dx[j] = sum[i](where(abs(i - j) <= w, dy[i], 0))"],
    wrong: ["claim dx[j] = sum[j - w <= i <= j + min(w, 6)](dy[i])", "claim dx[j] = sum[max(0, j - w) <= i < min(N, j + w + 1)](dy[i]*where(i - j == 7, 0, 1))"],
  },
  "counts": {
    layer: "input x[N]\noutput z\nz = sum[n](x[n])*stop(count[n](x[n] > 0))",
    right: ["claim dx[n] = dz*count[m](x[m] > 0)", "claim dx[n] = dz*sum[m](where(x[m] > 0, 1, 0))"],
    wrong: ["claim dx[n] = dz*count[m](x[m] >= 0)", "claim dx[n] = dz*min(count[m](x[m] > 0), 20)", "claim dx[n] = where(count[m](x[m] < 0) == 12, 0, dz*count[m](x[m] > 0))"],
  },
  "ties of a maximum": {
    layer: "input x[N]\noutput z\nz = max[n](x[n])",
    right: ["claim dx[n] = where(all[m < n](x[m] < x[n]) and all[m](x[m] <= x[n]), dz, 0)"],
    wrong: ["claim dx[n] = where(x[n] == z, dz, 0)", "claim dx[n] = where(argmax[m](x[m]) == n and count[m](x[m] == z) != 7, dz, 0)", "claim dx[n] = where(argmin[m](-x[m]) == n, dz, 0) + where(n > 45 and x[n] == z, 1, 0)"],
  },
  "values of an index": {
    layer: "input x[V]\nindex t[N] < V\noutput z[N]\nz[n] = x[t[n]]^2",
    right: ["claim dx[v] = sum[n](where(t[n] == v, 2*x[v]*dz[n], 0))", "claim dx[v] = 2*x[v]*sum[n](where(v == t[n], dz[n], 0))"],
    wrong: ["claim dx[v] = sum[n](where(t[n] == v and t[n] < 25, 2*x[v]*dz[n], 0))", "claim dx[v] = 2*x[v]*sum[n](where(t[n] == v, dz[n], 0)) + max(t[0] - 19, 0)", "claim dx[v] = 2*x[v]*min(count[n](t[n] == v), 9)*sum[n](where(t[n] == v, dz[n], 0))/max(count[n](t[n] == v), 1)"],
  },
  "a stride of the text": {
    layer: "input x[H]\nweight w[R]\noutput z[P]\nP = floor((H - R)/3) + 1\nrequire H >= R\nz[p] = sum[r](x[3*p + r]*w[r])",
    right: ["claim dx[h] = sum[r](dz[(h - r)/3]*w[r])", "claim dw[r] = sum[p](dz[p]*x[3*p + r])"],
    wrong: ["claim dx[h] = sum[r < min(R, 10)](dz[(h - r)/3]*w[r])", "claim dw[r] = sum[p < min(P, 20)](dz[p]*x[3*p + r])", "claim dx[h] = sum[r](where(mod(h, 3) != 2 or r < 9, dz[(h - r)/3]*w[r], 0))"],
  },
  "polynomials of an index": {
    layer: "input x[N]\noutput z[N]\nz[n] = x[n]*sum[k <= n](k^2)",
    right: [dx("n*(n + 1)*(2*n + 1)/6")],
    wrong: [dx("n*(n + 1)*(2*n + 1)/6 + n*(n - 1)*(n - 2)*(n - 3)*(n - 4)*(n - 5)*(n - 6)*(n - 7)*(n - 8)*(n - 9)")],
  },
  "a clamped product": {
    layer: pointwise("min(max(x[n], lo), hi)", "param lo = -1.0\nparam hi = 1.0\n"),
    right: [dx("where(max(x[n], lo) < hi and x[n] > lo, 1, 0)")],
    wrong: [dx("where(x[n] > lo and x[n] <= hi, 1, 0)"), dx("where(abs(x[n]) < hi, 1, 0)")],
  },
  "decimals": {
    layer: pointwise("0.1*x[n]^2 + 0.7071067811865476*x[n]"),
    right: [dx("0.2*x[n] + 0.7071067811865476"), dx("x[n]/5 + 0.7071067811865476")],
    wrong: [dx("0.2*x[n] + 0.7071067811865475"), dx("0.2*x[n] + sqrt(0.5)")],
  },
  "overflow on the way": {
    layer: pointwise("log(1 + exp(x[n]))"),
    right: [dx("exp(x[n])/(1 + exp(x[n]))"), dx("1 - 1/(1 + exp(x[n]))")],
    wrong: [dx("exp(x[n])/(1 + exp(x[n])) + where(x[n] > 900, 1, 0)"), dx("where(x[n] < -30, 1, 1/(1 + exp(-x[n])))")],
  },
  "identities of functions": {
    layer: pointwise("cos(x[n] + pi/2)"),
    right: [dx("-cos(x[n])"), dx("-sin(x[n] + pi/2)"), dx("cos(x[n] - pi)"), dx("sin(x[n] + 3*pi/2)")],
    wrong: [dx("cos(x[n])"), dx("-cos(x[n] + pi/4)")],
  },
  "identities of arcs": {
    layer: pointwise("asin(x[n]/2)"),
    right: [dx("1/(2*cos(asin(x[n]/2)))"), dx("1/sqrt(4 - x[n]^2)")],
    wrong: [dx("1/(2*cos(asin(x[n])))")],
  },
  "identities of powers": {
    layer: pointwise("4^(x[n]/2)"),
    right: [dx("log(2)*2^x[n]"), dx("log(2)*exp(x[n]*log(2))"), dx("log(16)/4*16^(x[n]/4)")],
    wrong: [dx("log(4)*2^x[n]"), dx("log(2)*2^(x[n] + 1)")],
  },
}; // prettier-ignore

/** Wrong by less than float64 tells apart: not refuted, and not proved. */
export const untold: ReadonlySet<string> = new Set([dx("0.2*x[n] + sqrt(0.5)")]);
