/** The rules in the order in which they are tried at a token. */
import { accumulations, missingSums, ownIndices, scatters, wholeTensors } from "./completion.js";
import {
  bareParams,
  declarations,
  definitions,
  filled,
  lambdas,
  lineKeyword,
  listedDeclarations,
  paramForms,
  superfluous,
  typedDeclarations,
} from "./lines.js";
import { names } from "./names.js";
import { latexForms, latexGroups, latexSubscripts, latexWords } from "./latex.js";
import { bars, choices, divisions, negations, roots, sideBySide, spelling, trifles } from "./operators.js";
import { doubleBars, norms } from "./norms.js";
import { einsum, innerProducts, products, transposes } from "./products.js";
import { methods, reductionCalls, reductionMethods, softmax } from "./reductions.js";
import type { Rule } from "./rewrite.js";
import { brackets, chained, colons, roundSubscripts } from "./subscripts.js";
import { bareCalls, binderForms, signedSums } from "./sums.js";
import { bareLambdas, comprehensions, namedReductions, wordedSums } from "./worded.js";

/** What a line may begin with, and the brackets of the whole. */
export const lineRules: readonly Rule[] = [
  brackets,
  superfluous,
  paramForms,
  bareParams,
  lineKeyword,
  filled,
  lambdas,
  declarations,
  listedDeclarations,
  typedDeclarations,
  definitions,
];
/** What stands in expressions. */
export const expressionRules: readonly Rule[] = [
  bareLambdas,
  comprehensions,
  wordedSums,
  namedReductions,
  softmax,
  einsum,
  innerProducts,
  products,
  transposes,
  norms,
  doubleBars,
  reductionMethods,
  methods,
  signedSums,
  binderForms,
  reductionCalls,
  names,
  bareCalls,
  roundSubscripts,
  chained,
  colons,
  latexSubscripts,
  latexForms,
  roots,
  latexWords,
  choices,
  negations,
  divisions,
  bars,
  spelling,
  trifles,
  latexGroups,
  sideBySide,
];
/** What is left out of a line that is well written otherwise. */
export const completionRules: readonly Rule[] = [
  scatters,
  accumulations,
  ownIndices,
  wholeTensors,
  missingSums,
];
