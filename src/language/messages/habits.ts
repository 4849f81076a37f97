/** What other notations write otherwise. Where a mend is known it is shown beside these. */
import { quote, text } from "./text.js";

export const habits = {
  otherName: (name: string, meant: string) => text(`${quote(name)} is called ${meant} here`),
  modulePrefix: (name: string) => text(`functions stand by themselves, and ${quote(name)} is of a module`),
  noFunction: (name: string) => text(`${quote(name)} is written out here`),
  method: (name: string) => text(`there are no methods: ${name} stands before what it is of`),
  softmax: (name: string) =>
    text(`${quote(name)} is no function of one number: it divides by a sum over an index`),
  choice: (form: string) => text(`${quote(form)} is written where(c, a, b)`),
  wholeProduct: (sign: string) =>
    text(`${quote(sign)} multiplies whole tensors: here a product of matrices is a sum over an index`),
  transposed: () => text("a transposed tensor is read with its indices exchanged"),
  einsum: () => text("the formula of an einsum is written as such"),
  wholeAxis: () => text("`:` names no index: every axis is given one"),
  chainedSubscripts: () => text("the subscripts of a tensor stand in one pair of brackets"),
  otherSum: (head: string) => text(`${quote(head)} is written with its indices in brackets: sum[c](…)`),
  reductionBrackets: (name: string) => text(`${name} has its indices in [ ] and what it reduces in ( )`),
  callBrackets: (name: string) => text(`the argument of ${name} stands in ( )`),
  latex: (form: string) => text(`${quote(form)} is LaTeX`),
  bareDeclaration: () => text("a tensor is declared by a line of its kind"),
  noTypes: () => text("tensors are declared without a type"),
  paramTensor: (name: string) => text(`${name} is a tensor, and a param is a number`),
  paramValue: (name: string) => text(`the param ${name} has no default`),
  sizeAsParam: (names: string) => text(`${names}: sizes need no line, the brackets of inputs introduce them`),
  definedFunction: () => text("a helper is a line f(u) = …"),
  noWord: (word: string) => text(`a definition needs no ${quote(word)} before it`),
  noLine: (word: string) => ({
    about: ["elif", "else"].includes(word) ? "if" : word,
    ...text(
      word === "for" || word === "while"
        ? "there are no loops: an index runs over the axes on which it stands"
        : word === "return"
          ? "nothing is returned: what is declared as an output is one"
          : `there are no ${quote(word)} lines`,
    ),
  }),
  otherComment: (mark: string) => text(`${quote(mark)} begins no comment`),
  severalStatements: () => text("`;` ends no statement: each has a line of its own"),
  accumulated: (operator: string) =>
    text(`${quote(operator)} adds to what is there, and every tensor is defined once, by a whole formula`),
  scatters: (name: string) =>
    text(
      `the left-hand side says where a value goes by a value of ${name}: here each element says what it takes`,
    ),
};
