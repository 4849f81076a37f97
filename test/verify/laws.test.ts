/** Claims that are true by the laws of elementary functions, each with a near miss. */
import { describe, expect, test } from "vitest";
import { checkClaims } from "../../src/verify/check.js";
import { closed, gradientsOf } from "./support.js";

interface Case {
  readonly layer: string;
  readonly proved: readonly string[];
  readonly refuted: readonly string[];
}
/** A pointwise layer z = f(x). */
const pointwise = (f: string): string =>
  `input x[N]\noutput z[N]\nz[n] = ${f.replaceAll("x", "x[n]").replaceAll("ex[n]p", "exp").replaceAll("max[n](", "max(")}`;
const dx = (f: string): string => `claim dx[n] = dz[n]*(${f})`.replaceAll(/(?<![\w])x(?![\w[])/gu, "x[n]");

const logits = "input x[N, C]\noutput L\n";
const softmax = "p[n,c] = exp(x[n,c]) / sum[j](exp(x[n,j]))\n";

const cases: Readonly<Record<string, Case>> = {
  "cross entropy of log-softmax": {
    layer: `${logits}data t[N, C]\nm[n] = max[c](x[n,c])\ns[n,c] = x[n,c] - m[n] - log(sum[j](exp(x[n,j] - m[n])))\nL = -sum[n,c](t[n,c]*s[n,c])`,
    proved: [
      "claim dx[n,c] = dL*(sum[j](t[n,j])*exp(x[n,c])/sum[j](exp(x[n,j])) - t[n,c])",
      "claim dx[n,c] = dL*(sum[j](t[n,j])*exp(s[n,c]) - t[n,c])",
    ],
    refuted: ["claim dx[n,c] = dL*(exp(x[n,c])/sum[j](exp(x[n,j])) - t[n,c])"],
  },
  "entropy of a softmax": {
    layer: `${logits}${softmax}L = -sum[n,c](p[n,c]*log(p[n,c]))`,
    proved: [
      "claim dx[n,c] = -dL*p[n,c]*(log(p[n,c]) - sum[j](p[n,j]*log(p[n,j])))",
      "claim dx[n,c] = -dL*p[n,c]*(x[n,c] - sum[j](p[n,j]*x[n,j]))",
      "S[n] = sum[j](exp(x[n,j]))\nH[n] = log(S[n]) - sum[j](exp(x[n,j])*x[n,j])/S[n]\ng[n,c] = dL*exp(x[n,c])/S[n]\nclaim dx[n,c] = -g[n,c]*(x[n,c] - log(S[n]) + H[n])",
    ],
    refuted: [
      "claim dx[n,c] = -dL*p[n,c]*(log(p[n,c]) + sum[j](p[n,j]*log(p[n,j])))",
      "claim dx[n,c] = -dL*p[n,c]*log(p[n,c])",
    ],
  },
  "focal loss": {
    layer: "input x[N]\noutput L\np[n] = sigmoid(x[n])\nL = -sum[n]((1 - p[n])^2*log(p[n]))",
    proved: [
      "claim dx[n] = dL*(2*p[n]*(1 - p[n])^2*log(p[n]) - (1 - p[n])^3)",
      "claim dx[n] = -dL*(2*p[n]*(1 - p[n])^2*softplus(-x[n]) + (1 - p[n])^3)",
      "claim dx[n] = -dL*sigmoid(-x[n])^2*(2*p[n]*(softplus(x[n]) - x[n]) + 1 - p[n])",
    ],
    refuted: ["claim dx[n] = dL*(2*p[n]*(1 - p[n])^2*log(p[n]) - (1 - p[n])^2)"],
  },
  "gaussian likelihood": {
    layer: "input x[N]\nweight m\nweight s\noutput L\nL = sum[n](log(s) + log(2*pi)/2 + ((x[n] - m)/s)^2/2)",
    proved: [
      "claim ds = dL*sum[n]((1 - ((x[n] - m)/s)^2)/s)",
      "claim dm = dL*sum[n](m - x[n])*exp(-2*log(s))",
    ],
    refuted: [
      "claim ds = dL*sum[n]((1 + ((x[n] - m)/s)^2)/s)",
      "claim dm = dL*sum[n](x[n] - m)*exp(-2*log(s))",
    ],
  },
  "gaussian density": {
    layer: "input x[N]\nweight v\noutput z[N]\ns = sqrt(v)\nz[n] = exp(-(x[n]/s)^2/2)/(s*sqrt(2*pi))",
    proved: [
      "claim dx[n] = -dz[n]*z[n]*x[n]/v",
      "claim dx[n] = -dz[n]*x[n]*exp(-x[n]^2/(2*v) - 3*log(v)/2 - log(2*pi)/2)",
      "claim dv = sum[n](dz[n]*z[n]*(x[n]^2/v - 1)/(2*v))",
    ],
    refuted: ["claim dv = sum[n](dz[n]*z[n]*(x[n]^2/v - 1)/v)"],
  },
  "binary cross entropy of probabilities": {
    layer:
      "input x[N]\ndata t[N]\noutput L\np[n] = sigmoid(x[n])\nL = -sum[n](t[n]*log(p[n]) + (1 - t[n])*log(1 - p[n]))",
    proved: ["claim dx[n] = dL*(p[n] - t[n])", "claim dx[n] = dL*((1 - t[n])*p[n] - t[n]*sigmoid(-x[n]))"],
    refuted: ["claim dx[n] = dL*(p[n] - t[n])*p[n]*(1 - p[n])"],
  },
  "binary cross entropy of logits": {
    layer: "input x[N]\ndata t[N]\noutput L\nL = sum[n](max(x[n], 0) - x[n]*t[n] + log(1 + exp(-abs(x[n]))))",
    proved: ["claim dx[n] = dL*(where(x[n] == 0, 0, 1/(1 + exp(-x[n]))) - t[n])"],
    // at 0 the derivatives of max and abs are 0, and so is theirs
    refuted: ["claim dx[n] = dL*(1/(1 + exp(-x[n])) - t[n])"],
  },
  "a product of softplus and its argument": {
    layer: pointwise("x*softplus(x)"),
    proved: [
      dx("softplus(x) + x*sigmoid(x)"),
      dx("log(1 + exp(x)) + x/(1 + exp(-x))"),
      dx("x + log1p(exp(-x)) + x*exp(x)/(1 + exp(x))"),
      dx("max(x, 0) + log1p(exp(-abs(x))) + x*sigmoid(x)"),
      dx("-log(sigmoid(-x)) + x*(1 + tanh(x/2))/2"),
    ],
    refuted: [dx("-log(sigmoid(x)) + x*sigmoid(x)"), dx("max(x, 0) + log1p(exp(abs(x))) + x*sigmoid(x)")],
  },
  tanh: {
    layer: pointwise("tanh(x)"),
    proved: [
      dx("1 - tanh(x)^2"),
      dx("4*sigmoid(2*x)*(1 - sigmoid(2*x))"),
      dx("1/cosh(x)^2"),
      dx("1 - ((exp(x) - exp(-x))/(exp(x) + exp(-x)))^2"),
      dx("4*exp(2*x)/(exp(2*x) + 1)^2"),
      dx("1 - (2*sigmoid(2*x) - 1)^2"),
    ],
    refuted: [dx("1 - tanh(x)"), dx("2*sigmoid(2*x)*(1 - sigmoid(2*x))"), dx("4*exp(2*x)/(exp(2*x) - 1)^2")],
  },
  "log cosh": {
    layer: pointwise("x*log(cosh(x))"),
    proved: [
      dx("log(cosh(x)) + x*tanh(x)"),
      dx("softplus(-2*x) + x - log(2) + x*tanh(x)"),
      dx("abs(x) + log1p(exp(-2*abs(x))) - log(2) + x*tanh(x)"),
    ],
    refuted: [dx("softplus(-2*x) + x + log(2) + x*tanh(x)")],
  },
  swish: {
    layer: pointwise("x*sigmoid(x)"),
    proved: [
      dx("sigmoid(x)*(1 + x*(1 - sigmoid(x)))"),
      dx("x*sigmoid(x) + sigmoid(x)*(1 - x*sigmoid(x))"),
      dx("(1 + exp(-x) + x*exp(-x))/(1 + exp(-x))^2"),
    ],
    refuted: [dx("sigmoid(x)*(1 + x*sigmoid(x))"), dx("x*sigmoid(x) + sigmoid(x)*(1 - sigmoid(x))")],
  },
  mish: {
    layer: pointwise("x*tanh(softplus(x))"),
    proved: [
      dx("tanh(softplus(x)) + x*sigmoid(x)*(1 - tanh(softplus(x))^2)"),
      // ω/δ² as the paper has it
      dx("exp(x)*(4*(x + 1) + 4*exp(2*x) + exp(3*x) + exp(x)*(4*x + 6))/(2*exp(x) + exp(2*x) + 2)^2"),
    ],
    refuted: [
      dx("exp(x)*(4*(x + 1) + 4*exp(2*x) + exp(3*x) + exp(x)*(4*x + 5))/(2*exp(x) + exp(2*x) + 2)^2"),
    ],
  },
  gelu: {
    layer: pointwise("gelu(x)"),
    proved: [
      dx("(1 + erf(x/sqrt(2)))/2 + x*exp(-x^2/2)/sqrt(2*pi)"),
      dx("(1 - erf(-x/sqrt(2)))/2 + x*exp(-(x^2 + log(2*pi))/2)"),
    ],
    refuted: [
      dx("(1 + erf(x/sqrt(2)))/2 + x*exp(-x^2/2)/sqrt(pi)"),
      dx("(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))/2"),
    ],
  },
  "log-sum-exp": {
    layer:
      "input x[N, C]\noutput z[N]\nm[n] = max[c](x[n,c])\nl[n] = m[n] + log(sum[c](exp(x[n,c] - m[n])))\nz[n] = l[n]^2",
    proved: [
      "claim dx[n,c] = 2*dz[n]*log(sum[j](exp(x[n,j])))*exp(x[n,c])/sum[j](exp(x[n,j]))",
      "claim dx[n,c] = 2*dz[n]*l[n]*exp(x[n,c] - l[n])",
      "claim dx[n,c] = 2*dz[n]*l[n]*exp(x[n,c] - m[n])/sum[j](exp(x[n,j] - m[n]))",
      "claim dx[n,c] = 2*dz[n]*(x[n,0] + log(sum[j](exp(x[n,j] - x[n,0]))))*exp(x[n,c] - l[n])",
    ],
    refuted: ["claim dx[n,c] = 2*dz[n]*(l[n] - m[n])*exp(x[n,c] - l[n])"],
  },
  "a log of a mean of exponentials": {
    layer: "input x[N, C]\noutput z[N]\nz[n] = log(mean[c](exp(x[n,c])))^2",
    proved: ["claim dx[n,c] = 2*dz[n]*(log(sum[j](exp(x[n,j]))) - log(C))*exp(x[n,c])/sum[j](exp(x[n,j]))"],
    refuted: ["claim dx[n,c] = 2*dz[n]*(log(sum[j](exp(x[n,j]))) + log(C))*exp(x[n,c])/sum[j](exp(x[n,j]))"],
  },
  "a geometric mean": {
    layer: "input x[N, C]\noutput z[N]\nz[n] = exp(mean[c](log(x[n,c])))",
    proved: [
      "claim dx[n,c] = dz[n]*z[n]/(C*x[n,c])",
      "claim dx[n,c] = dz[n]*prod[j](x[n,j])^(1/C)/(C*x[n,c])",
      "claim dx[n,c] = dz[n]*prod[j](x[n,j]^(1/C))/(C*x[n,c])",
    ],
    refuted: ["claim dx[n,c] = dz[n]*prod[j](x[n,j])^(1/C)/x[n,c]"],
  },
  "roots of products": {
    layer:
      "input x[N]\ninput s[N]\noutput z[N]\nz[n] = x[n]*sqrt(x[n])*log(x[n])*sqrt(s[n]^2 + x[n]^2*s[n]^2)",
    proved: [
      "claim ds[n] = dz[n]*x[n]^1.5*log(x[n])*sign(s[n])*sqrt(1 + x[n]^2)",
      "claim ds[n] = dz[n]*log(x[n]^3)/3*sqrt(x[n]^3*(1 + x[n]^2))*s[n]/abs(s[n])",
    ],
    refuted: [
      "claim ds[n] = dz[n]*x[n]^1.5*log(x[n])*sqrt(1 + x[n]^2)",
      "claim ds[n] = dz[n]*log(x[n])*sqrt(x[n]^3 + x[n]^4)*s[n]/abs(s[n])",
    ],
  },
  "logarithms of powers": {
    layer: "input x[N]\noutput z[N]\nz[n] = x[n]*log(x[n]^2 + 2*x[n] + 1)",
    proved: [
      "claim dx[n] = dz[n]*(2*log(abs(x[n] + 1)) + 2*x[n]/(x[n] + 1))",
      "claim dx[n] = dz[n]*(log((x[n] + 1)^4)/2 + 2*x[n]/(x[n] + 1))",
    ],
    refuted: [
      "claim dx[n] = dz[n]*(log(abs(x[n] + 1)) + 2*x[n]/(x[n] + 1))",
      "claim dx[n] = dz[n]*(2*log(abs(x[n] - 1)) + 2*x[n]/(x[n] + 1))",
    ],
  },
  "powers of a tensor": {
    layer: "input x[N]\nweight a\noutput z[N]\nu[n] = 1 + x[n]^2\nz[n] = u[n]^a",
    proved: [
      "claim dx[n] = 2*dz[n]*x[n]*a*u[n]^(a - 1)",
      "claim da = sum[n](dz[n]*log(u[n])*exp(a*log(u[n])))",
      "claim da = sum[n](dz[n]*log(u[n]^2)/2*u[n]^(a + 1)/u[n])",
    ],
    refuted: [
      "claim dx[n] = 2*dz[n]*x[n]*a*u[n]^a",
      "claim da = sum[n](dz[n]*u[n]^a)",
      "claim da = sum[n](dz[n]*log(u[n])*exp(a + log(u[n])))",
    ],
  },
  // a^0 and 0^p are constant, which a quotient and a logarithm of 0 are not
  "powers of what may be 0": {
    layer: "input x[N]\nweight a\noutput z[N]\nz[n] = x[n]^a",
    proved: ["claim dx[n] = dz[n]*where(a != 0, a*x[n]^(a - 1), 0)"],
    refuted: [
      "claim dx[n] = dz[n]*a*x[n]^(a - 1)",
      "claim da = sum[n](dz[n]*log(x[n])*exp(a*log(x[n])))",
      "claim da = sum[n](dz[n]*log(x[n]^2)/2*x[n]^(a + 1)/x[n])",
    ],
  },
  "sums of angles": {
    layer: "input x[N]\nweight a\noutput z[N]\nz[n] = sin(x[n] + a)",
    proved: [
      "claim dx[n] = dz[n]*(cos(x[n])*cos(a) - sin(x[n])*sin(a))",
      "claim da = sum[n](dz[n]*(2*cos((x[n] + a)/2)^2 - 1))",
    ],
    refuted: ["claim dx[n] = dz[n]*(cos(x[n])*cos(a) + sin(x[n])*sin(a))"],
  },
  "a double angle": {
    layer: pointwise("sin(x)^2"),
    proved: [dx("sin(2*x)"), dx("2*tan(x)/(1 + tan(x)^2)")],
    refuted: [dx("cos(2*x)"), dx("sin(x)*cos(x)")],
  },
  "hyperbolic functions": {
    layer: pointwise("cosh(x)^2"),
    proved: [dx("sinh(2*x)"), dx("(exp(2*x) - exp(-2*x))/2")],
    refuted: [dx("2*sinh(2*x)")],
  },
  "root mean square with a temperature": {
    layer:
      "input x[N, D]\nweight w\noutput y[N, D]\nρ[n] = sqrt(mean[d]((w*x[n,d])^2))\ny[n,d] = x[n,d]/ρ[n]",
    proved: [
      "claim dw = -sum[n,d](dy[n,d]*y[n,d])/w",
      "r[n] = sqrt(sum[d](x[n,d]^2))\nclaim dw = -sum[n,d](dy[n,d]*x[n,d]/r[n])*sqrt(D)/(w*abs(w))",
    ],
    refuted: ["r[n] = sqrt(sum[d](x[n,d]^2))\nclaim dw = -sum[n,d](dy[n,d]*x[n,d]/r[n])*sqrt(D)/w^2"],
  },
  "normalised by the product of two roots": {
    layer: "input a[N]\ninput b[N]\noutput z\nz = sum[n](a[n]*b[n])/sqrt(sum[n](a[n]^2)*sum[n](b[n]^2))",
    proved: [
      "A = sqrt(sum[n](a[n]^2))\nB = sqrt(sum[n](b[n]^2))\nclaim da[n] = dz*(b[n]/(A*B) - z*a[n]/A^2)",
    ],
    refuted: [
      "A = sqrt(sum[n](a[n]^2))\nB = sqrt(sum[n](b[n]^2))\nclaim da[n] = dz*(b[n]/(A*B) - z*a[n]/(A*B))",
    ],
  },
};

const verdict = (layer: string, claim: string): string => {
  const subject = closed(`${layer}\n${claim}`);
  const reports = checkClaims(
    { layer: subject, gradientLayer: gradientsOf(subject) },
    { trials: 8, seed: 2 },
  );
  return reports.map((report) => report.verdict).join();
};
describe.each(Object.entries(cases))("%s", (_, { layer, proved, refuted }) => {
  test.each(proved)("proved: %s", (claim) => expect(verdict(layer, claim)).toBe("proved"));
  test.each(refuted)("refuted: %s", (claim) => expect(verdict(layer, claim)).toBe("refuted"));
});
