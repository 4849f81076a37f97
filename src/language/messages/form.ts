/** What is wrong with how a file, a line or an expression is written. */
import { near, quote, text } from "./text.js";

const mends = new Map<string, string>([
  ["%", "write mod(a, b)"],
  ["!", "write not(…), or != to compare"],
  ["?", "write where(condition, a, b)"],
  [":", "write a range as a binder: sum[r < R](…)"],
  ["'", "primes may only end the name of an index: c'"],
  [".'", "name the axes instead: x[j, i]"],
  [".*", "write * : products are element by element"],
  ["./", "write / : quotients are element by element"],
  [".^", "write ^ : powers are element by element"],
  ["**", "write ^"],
  ["&&", "write and"],
  ["&", "write and"],
  ["||", "write or"],
  ["|", "write or, or abs(…)"],
  ["<>", "write !="],
  ["=>", "write >="],
  ["×", "write *"],
  ["·", "write *"],
  ["⋅", "write *"],
  ["÷", "write /"],
  ["−", "write - (the hyphen)"],
  ["–", "write - (the hyphen)"],
  ["≤", "write <="],
  ["≥", "write >="],
  ["≠", "write !="],
  ["√", "write sqrt(…)"],
  ["∑", "write sum[c](…), or the letter Σ"],
  ["∏", "write prod[c](…)"],
  ["∞", "write inf"],
  ["²", "write ^2"],
  [";", "one statement a line"],
  ["{", "subscripts stand in [ ], arguments in ( )"],
  ["}", "subscripts stand in [ ], arguments in ( )"],
  [".", "there are no properties; numbers are written 0.5"],
]);

export const form = {
  // --- the file
  empty: () =>
    text(
      "the file holds no statement",
      "a layer needs at least an input and an output: input x[N] · output z[N] · z[n] = x[n]",
    ),
  binary: () => text("this is no text: it holds bytes that no text has"),
  fileTooLarge: () => text("the file is over 1 MB"),
  layerName: (name: string, why: string) =>
    text(`${quote(name)}, the name of the file, cannot name a layer: ${why}`, "rename the file"),

  // --- lines
  tooLong: (most: number) =>
    text(
      `the statement is over ${most.toLocaleString("en-US")} characters long`,
      "split it: give parts of it names of their own",
    ),
  notAStatement: (word: string | undefined) =>
    text(
      word === undefined
        ? "this line states nothing: there is no ="
        : `no kind of line begins with ${quote(word)}`,
      word === undefined
        ? "a statement is T[i, j] = expression"
        : "lines begin with param, use, input, weight, data, index, output, local, require, claim, variant or check, or define something: T[i, j] = …",
    ),
  missingName: () => text("a name is missing here"),
  missingExpression: () => text("an expression is missing here"),
  leftSide: () => text("the left-hand side is neither a name, nor T[i, j], nor f(u)"),
  useForm: () => text("this is no list of layers", "use softmax, linear"),
  onePerLine: (kind: string) => text(`one ${kind} a line`),
  tensorForm: (role: string) =>
    text(`this is no ${role} line`, role === "index" ? "index t[N] < V" : `${role} x[N, C]`),
  declarationDefines: (role: string, name: string) =>
    text(
      `an ${quote(role)} line declares and does not define`,
      role === "output" || role === "local" ? `give ${name} a line of its own: ${name}[…] = …` : undefined,
    ),
  indexBound: (name: string) => text(`the bound of the values of ${name} is missing`, `index ${name}[N] < V`),
  boundOnReal: (role: string, name: string) =>
    text(`only an index tensor has a bound, and ${name} is ${role}`, `index ${name}[N] < V`),
  claimForm: () => text("a claim states a gradient", "claim dx[n, c] = …"),
  unclosedQuote: () => text("the message is not closed", 'end it with "'),
  afterMessage: () => text("nothing may follow the message"),
  commaBeforeMessage: () => text("a comma is missing before the message", 'require H >= R, "…"'),
  quotedMessage: () => text("the message stands in quotation marks", 'require H >= R, "…"'),
  variantForm: () => text("a variant is a name, a colon and values", "variant conv3x3: R = 3, S = 3"),
  settingForm: () => text("a name and its value are expected here", "N = 2, C = 3"),
  variantName: (name: string, why: string) => text(`${quote(name)} cannot name a variant: ${why}`),
  variantTwice: (name: string, other: string, layer: boolean) =>
    text(
      name !== other
        ? `the variant ${name} differs from the ${layer ? "layer" : "variant"} ${other} in case only: their folders would be one on some systems`
        : layer
          ? `the variant ${name} is named like its layer`
          : `the variant ${name} is declared twice`,
    ),
  setTwice: (name: string) => text(`${name} is given twice`),
  unknownSize: (name: string, meant: string | undefined) =>
    near(text(`${name} is no size and no param of the layer`), name, meant),
  sizeValue: (name: string) => text(`${name} is a size: its value must be an integer of at least 1`),
  integerValue: (name: string) => text(`${name} is an integer param: its value must be an integer`),
  notANumber: () => text("a number is expected here"),
  integerParam: (name: string, why: string) => text(`${name} must be an integer because it stands in ${why}`),

  // --- tokens
  strangeCharacter: (piece: string) =>
    text(
      piece.startsWith('"')
        ? "text in quotation marks is only for the message of a require line"
        : `${quote(piece)} has no meaning here`,
      piece.startsWith("_") ? "names begin with a letter" : mends.get(piece),
    ),
  implicitProduct: (a: string, b: string) =>
    text(`an operator is missing between ${quote(a)} and ${quote(b)}`, "products are written with *"),
  infix: (name: string) =>
    text(
      `${quote(name)} is no infix operator`,
      name === "mod"
        ? "write mod(a, b)"
        : name === "xor"
          ? "write (a and not(b)) or (b and not(a))"
          : undefined,
    ),
  decimalOnly: () => text("numbers are decimal"),
  bareDot: (number: string) =>
    text(`${quote(number)} ends in a point`, `write ${number.replace(/\.(?!\d)/, ".0")}`),
  unaryPlus: () => text("+ adds, and there is nothing before it", "leave it out"),
  bareNot: () => text("not needs parentheses", "not(a < b)"),
  assignmentInside: () => text("= defines and cannot stand inside an expression", "write == to compare"),
  matrix: () => text("[ must follow a name", "x[n, c] reads a tensor, sum[c](…) reduces"),
  indexedExpression: () =>
    text("only a name can be subscripted", "give the expression a name of its own: t[i, j] = …"),
  calledAccess: (name: string) => text(`${name}[…](…) is no reduction`, "products are written with *"),
  unopened: (bracket: string) => text(`${quote(bracket)} closes nothing`),
  unclosed: (bracket: string) => text(`${quote(bracket)} is never closed`),
  mismatched: (open: string, close: string) => text(`${quote(close)} does not close ${quote(open)}`),
  tooDeep: () =>
    text("brackets, signs or powers are nested over 200 deep", "give inner parts names of their own"),
  endsEarly: (after: string) => text(`something is missing after ${quote(after)}`),
  misplaced: (piece?: string) =>
    text(
      piece === undefined
        ? "this cannot be read as an expression"
        : `${quote(piece)} cannot stand here: an operand or an operator is missing before it`,
    ),
};
