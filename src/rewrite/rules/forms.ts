/** Forms that mean the same: shorter ones, and stable ones. σ(u) = 1/(1 + e^-u), softplus(u) = ln(1 + e^u). */
import * as build from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import type { FunctionName } from "../../primitives/index.js";
import type { Rule } from "../engine.js";
import { letter } from "../match.js";

const { add, divide, multiply, negate, one, raise, rational, subtract } = build;
const [u, v] = [letter("u"), letter("v")];
const f = (name: FunctionName, e: Expression): Expression => build.call(name, [e]);
const exp = (e: Expression): Expression => f("exp", e);
const log = (e: Expression): Expression => f("log", e);
const sigmoid = (e: Expression): Expression => f("sigmoid", e);
const softplus = (e: Expression): Expression => f("softplus", e);
const tanh = (e: Expression): Expression => f("tanh", e);
const two = rational(2);

/** Forms that mean the same and are shorter: formulas are told by them. */
export const shortForms: readonly Rule[] = [
  {
    // what has a root is not negative, where the formula has a value
    name: "square of a root",
    says: "(√u)² = u",
    left: raise(f("sqrt", u), two),
    right: u,
    examples: [
      ["x/sqrt(x + 1)^2", "x/(x + 1)"],
      ["sqrt(x)^4", "x^2"],
    ],
  },
  {
    name: "logistic function",
    says: "1/(1 + e^u) = σ(-u)",
    left: raise(add(one, exp(u)), build.minusOne),
    right: sigmoid(negate(u)),
    examples: [
      ["1/(1 + exp(-25*x))", "sigmoid(25*x)"],
      ["3/(exp(x) + 1)^2", "3*sigmoid(-x)^2"],
      ["x/(1 + exp(-x))", "x*sigmoid(x)"],
    ],
  },
  {
    name: "exponential times logistic function",
    says: "e^u·σ(-u) = σ(u)",
    left: multiply(exp(u), sigmoid(negate(u))),
    right: sigmoid(u),
    examples: [
      ["exp(x)/(1 + exp(x))", "sigmoid(x)"],
      ["w*exp(-x)*sigmoid(x)^2", "w*sigmoid(x)*sigmoid(-x)"],
    ],
  },
  {
    name: "share of one exponential of two",
    says: "e^u/(e^u + e^v) = σ(u - v)",
    left: divide(exp(u), add(exp(u), exp(v))),
    right: sigmoid(subtract(u, v)),
    examples: [["exp(x)/(exp(w) + exp(x))", "sigmoid(x - w)"]],
  },
  {
    name: "hyperbolic tangent",
    says: "(e^u - e^v)/(e^u + e^v) = tanh((u - v)/2)",
    left: divide(subtract(exp(u), exp(v)), add(exp(u), exp(v))),
    right: tanh(divide(subtract(u, v), two)),
    examples: [["(exp(x) - exp(-x))/(exp(x) + exp(-x))", "tanh(x)"]],
  },
  {
    name: "hyperbolic tangent by one exponential",
    says: "(e^u - 1)·σ(-u) = tanh(u/2)",
    left: multiply(subtract(exp(u), one), sigmoid(negate(u))),
    right: tanh(divide(u, two)),
    examples: [["(exp(2*x) - 1)/(exp(2*x) + 1)", "tanh(x)"]],
  },
  {
    name: "hyperbolic tangent by one falling exponential",
    says: "(1 - e^u)·σ(-u) = tanh(-u/2)",
    left: multiply(subtract(one, exp(u)), sigmoid(negate(u))),
    right: tanh(negate(divide(u, two))),
    examples: [["(1 - exp(-2*x))/(1 + exp(-2*x))", "tanh(x)"]],
  },
  {
    name: "softplus",
    says: "ln(1 + e^u) = softplus(u)",
    left: log(add(one, exp(u))),
    right: softplus(u),
    examples: [["log(exp(5*x) + 1)/5", "softplus(5*x)/5"]],
  },
  {
    name: "softplus by log1p",
    says: "ln1p(e^u) = softplus(u)",
    left: f("log1p", exp(u)),
    right: softplus(u),
    examples: [["log1p(exp(-x))", "softplus(-x)"]],
  },
];

/** What overflows or cancels, by its stable equal: numbers are computed by them. */
export const stableForms: readonly Rule[] = [
  ...shortForms,
  {
    name: "logarithm of the logistic function",
    says: "ln σ(u) = -softplus(-u)",
    left: log(sigmoid(u)),
    right: negate(softplus(negate(u))),
    examples: [["log(sigmoid(x))", "-softplus(-x)"]],
  },
  {
    // equal infinities differ by no number
    name: "logarithm of two exponentials",
    says: "ln(e^u + e^v) = v + softplus(u - v), with the greater one as v",
    left: log(add(exp(u), exp(v))),
    right: build.select(
      build.compare("==", u, v),
      add(u, log(two)),
      build.select(
        build.compare("<", u, v),
        add(v, softplus(subtract(u, v))),
        add(u, softplus(subtract(v, u))),
      ),
    ),
    examples: [
      [
        "log(exp(x) + exp(w))",
        "where(x == w, x + log(2), where(x < w, w + softplus(x - w), x + softplus(w - x)))",
      ],
    ],
  },
  {
    name: "complement of the logistic function",
    says: "1 - σ(u) = σ(-u)",
    isSmall: true,
    left: subtract(one, sigmoid(u)),
    right: sigmoid(negate(u)),
    examples: [
      ["1 - sigmoid(x)", "sigmoid(-x)"],
      ["log(1 - sigmoid(x))", "-softplus(x)"],
      ["3*sigmoid(x) + w - 3", "w - 3*sigmoid(-x)"],
    ],
  },
  {
    name: "softplus less its argument",
    says: "softplus(u) - u = softplus(-u)",
    left: subtract(softplus(u), u),
    right: softplus(negate(u)),
    examples: [["log(1 + exp(x)) - x", "softplus(-x)"]],
  },
  {
    name: "complement of a squared hyperbolic tangent",
    says: "1 - tanh²(u) = 1/cosh²(u)",
    isSmall: true,
    left: subtract(one, raise(tanh(u), two)),
    right: raise(f("cosh", u), rational(-2)),
    examples: [["w*(1 - tanh(x)^2)", "w/cosh(x)^2"]],
  },
  {
    name: "hyperbolic tangent by expm1",
    says: "expm1(u)·σ(-u) = tanh(u/2)",
    left: multiply(f("expm1", u), sigmoid(negate(u))),
    right: tanh(divide(u, two)),
    examples: [
      ["(exp(2*x) - 1)/(exp(2*x) + 1)", "tanh(x)"],
      ["(1 - exp(-2*x))/(1 + exp(-2*x))", "tanh(x)"],
    ],
  },
  {
    name: "hyperbolic tangent is odd",
    says: "-tanh(-u) = tanh(u)",
    left: multiply(build.minusOne, tanh(u)),
    right: tanh(negate(u)),
    only: (of) => build.valueOf(build.splitCoefficient(of(u))[0]) < 0,
    examples: [["-tanh(-2*x)", "tanh(2*x)"]],
  },
  {
    name: "exponential less one",
    says: "e^u - 1 = expm1(u)",
    left: subtract(exp(u), one),
    right: f("expm1", u),
    examples: [["2*exp(x) - 2", "2*expm1(x)"]],
  },
  {
    name: "cosine beside one",
    says: "1 - cos u = 2·sin²(u/2)",
    isSmall: true,
    left: subtract(one, f("cos", u)),
    right: multiply(two, raise(f("sin", divide(u, two)), two)),
    examples: [["1 - cos(2*x)", "2*sin(x)^2"]],
  },
  {
    name: "logarithm beside one",
    says: "ln(1 + u) = ln1p(u)",
    left: log(add(one, u)),
    right: f("log1p", u),
    examples: [["log(1 + x^2)", "log1p(x^2)"]],
  },
];
