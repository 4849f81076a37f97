/** Every message of the language, in one place. A problem's code is the function's name in kebab case. */

export interface Complaint {
  readonly code: string;
  readonly message: string;
  /** The likely mend. */
  readonly hint?: string;
}
interface Text {
  readonly message: string;
  readonly hint?: string;
}

const text = (message: string, hint?: string): Text => (hint === undefined ? { message } : { message, hint });
const suggest = (near: string | undefined): string | undefined =>
  near === undefined ? undefined : `did you mean ${near}?`;
const count = (n: number, noun: string): string => `${n === 0 ? "no" : n} ${noun}${n === 1 ? "" : "s"}`;
/** User text in a message: control characters shown, long pieces cut. */
const quote = (piece: string): string => {
  const shown = piece.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
  return `\`${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}\``;
};

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

const texts = {
  // --- the file
  empty: () =>
    text(
      "the file holds no statement",
      "a layer needs at least an input and an output: input x[N] · output z[N] · z[n] = x[n]",
    ),
  binary: () => text("this is no text: it holds bytes that no text has"),
  fileTooLarge: () => text("the file is over 1 MB"),
  layerName: (name: string) =>
    text(
      `${quote(name)} cannot name a layer: the layer's name is the file's, and must be a JavaScript identifier that is no reserved word`,
      "rename the file",
    ),

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
        : "lines begin with param, input, weight, data, index, output, local, require, claim, variant or check, or define something: T[i, j] = …",
    ),
  missingName: () => text("a name is missing here"),
  missingExpression: () => text("an expression is missing here"),
  leftSide: () => text("the left-hand side is neither a name, nor T[i, j], nor f(u)"),
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
  variantName: (name: string) =>
    text(`${quote(name)} cannot name a variant: it must be a JavaScript identifier that is no reserved word`),
  variantTwice: (name: string, layer: boolean) =>
    text(layer ? `the variant ${name} is named like its layer` : `the variant ${name} is declared twice`),
  setTwice: (name: string) => text(`${name} is given twice`),
  unknownSize: (name: string, near: string | undefined) =>
    text(`${name} is no size and no param of the layer`, suggest(near)),
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

  // --- names
  taken: (name: string) => text(`${quote(name)} is taken: it means something in the language`),
  prime: (name: string) => text(`${quote(name)}: only index variables carry primes`),
  builtIn: (name: string) => text(`${name} is a function of the language already`),
  planMember: (name: string) =>
    text(`a tensor cannot be called ${name}: the generated plan has a member of that name`),
  gradientName: (name: string, of: string) =>
    text(`${name} is taken: it is the gradient of ${of}`, `to state a gradient: claim ${name}[…] = …`),
  declaredTwice: (name: string) => text(`${name} is declared twice`),
  cycle: (name: string, other: string) =>
    text(name === other ? `${name} is defined by itself` : `${name} and ${other} are defined by each other`),
  definitionsTooDeep: () => text("sizes and constants rest on each other over 200 deep"),
  hides: (name: string, what: string) =>
    text(`${name} is ${what} already: an index of that name would hide it`, `call the index ${name}'`),
  valueOnLeft: (what: string, name: string) =>
    text(`${name} is ${what} and cannot be an index of the left-hand side`),
  unknownName: (name: string, near: string | undefined, index: boolean) =>
    text(
      index
        ? `the index ${name} is neither on the left-hand side nor bound by a reduction`
        : `${name} is not known here`,
      index ? `sum over it: sum[${name}](…)` : suggest(near),
    ),
  noSize: (name: string, near: string | undefined) =>
    text(
      `${name} is no size`,
      suggest(near) ?? `define it, ${name} = …, or introduce it in the brackets of an input`,
    ),
  unknownTensor: (name: string, near: string | undefined) =>
    text(`there is no tensor ${name}`, suggest(near)),
  unknownFunction: (name: string, near: string | undefined) =>
    text(`there is no function ${name}`, suggest(near)),
  valueIndexed: (name: string) =>
    text(`${name} is a number and takes no subscripts`, "products are written with *"),
  subscriptsMissing: (name: string, rank: number) =>
    text(
      `${name} is a tensor of ${count(rank, "axis").replace("axiss", "axes")}: its subscripts are missing`,
    ),
  subscriptCount: (name: string, rank: number, given: number) =>
    text(
      `${name} has ${count(rank, "subscript")}, and ${given === 0 ? "none are" : given === 1 ? "1 is" : `${given} are`} given`,
    ),
  functionAsValue: (name: string) => text(`${name} is a function and needs its arguments`),
  calledTensor: (name: string) => text(`${name} is a tensor: its subscripts stand in [ ]`),
  calledValue: (name: string) =>
    text(`${name} is a number and cannot be called`, "products are written with *"),
  arity: (name: string, arity: number, given: number) =>
    text(
      `${name} takes ${count(arity, "argument")}, and ${given === 1 ? "1 is" : `${given === 0 ? "none" : given} are`} given`,
    ),
  recursion: (name: string) => text(`the helper ${name} calls itself`),
  helperTooLarge: (name: string) =>
    text(`${name}, written out, makes the formula too large`, "give parts of it names of their own"),
  reductionInHelper: () =>
    text("a helper works point by point and cannot reduce", "give the reduction a line of its own"),

  // --- tensors
  readsItself: (name: string) => text(`${name} is defined by itself`),
  readBeforeDefinition: (name: string) =>
    text(`${name} is read before it is defined`, `move its definition above this line`),
  definesGiven: (name: string, role: string) =>
    role === "cotangent"
      ? text(`${name} is given to the backward pass and cannot be defined`)
      : text(
          `${name} is ${role === "input" || role === "index" ? "an" : "a"} ${role} and is given: it cannot be defined`,
        ),
  definedTwice: (name: string) => text(`${name} is defined twice`),
  neverDefined: (name: string, role: string) =>
    text(`the ${role} ${name} is never defined`, `${name}[…] = …`),
  noOutput: (last: string | undefined) =>
    text("the layer has no output", last === undefined ? undefined : `declare it: output ${last}`),
  noTensors: (name: string, where: string) => text(`the tensor ${name} cannot be read in ${where}`),
  gradientUnread: (name: string, of: string) =>
    text(`${name}, the gradient of ${of}, cannot be read here`, `claim it above: claim ${name}[…] = …`),
  cotangentInLayer: (name: string) =>
    text(`${name} reads a cotangent, so it is a helper of the claims and cannot be declared`),
  helperReadsClaim: (name: string, claim: string) =>
    text(`${name} reads the claimed ${claim}`, "only claims read earlier claims: write it into the claim"),
  claimsUnknown: (name: string) =>
    text(
      `${name} is no gradient of this layer: a claim is about dT of an input, a weight or an intermediate T defined above`,
    ),
  claimsGiven: (name: string) => text(`${name} is given to the backward pass: nothing can be claimed of it`),
  claimedTwice: (name: string) => text(`${name} is claimed twice`),

  // --- integers
  notAnInteger: (what: string) => text(`${what} is no integer`, "subscripts, sizes and bounds are integers"),
  realAsInteger: (name: string) => text(`${name} is real and cannot stand in a subscript, a size or a bound`),
  argumentAsInteger: (name: string) => text(`${name}, a helper's argument, is real and cannot stand here`),
  functionAsInteger: (name: string, near: string | undefined) =>
    text(
      `${name}(…) cannot stand in a subscript, a size or a bound`,
      suggest(near) ?? "floor, ceil, mod, min and max can",
    ),
  notAffine: () =>
    text(
      "a subscript must be affine in the index variables",
      "products of indices are not; floor(e/d) and mod(e, d) are allowed",
    ),
  leftAffine: () => text("a subscript on the left-hand side must be affine in the indices"),
  extremumInSubscript: (name: string) =>
    text(`${name}(…) of an index cannot stand in a subscript`, "use where(condition, …, …) around the reads"),
  exactOutside: () =>
    text(
      "an exact division needs a reduction around it: outside one the read must always exist",
      "write floor(e / d)",
    ),
  varyingDivisor: () => text("a subscript may be divided only by what is free of index variables"),
  numberTooLarge: () => text("this number is too large", "infinity is written inf"),
  notDefined: () => text("this has no value: it is 0*inf, inf - inf or the like"),
  divisionByZero: () => text("this is a division by zero"),
  negativeExponent: () => text("an integer power needs an exponent of at least 0"),
  tooLarge: () => text("this integer expression is too large"),

  // --- reductions and conditions
  noBinders: (name: string) => text(`${name}[] binds no index`, `${name}[c](…)`),
  binderForm: () => text("this binds no index", "a binder is c, r < R or 1 <= j <= i"),
  reductionArguments: (name: string, given: number) =>
    text(`${name}[…] takes one expression, and ${given === 0 ? "none is" : `${given} are`} given`),
  reductionWithoutBinders: (name: string) =>
    text(`${name}(…) does not say over which indices`, `${name}[c](…)`),
  reductionOrPair: (name: string) =>
    text(`${name} takes two arguments, or reduces over indices`, `${name}(a, b), or ${name}[c](…)`),
  reductionWithoutBody: (name: string) => text(`${name}[…] lacks the expression it reduces`, `${name}[c](…)`),
  argmaxOverTriangle: (name: string, index: string) =>
    text(
      `this ${name} depends on ${index}, whose range depends on another index`,
      `give the ${name} a line of its own`,
    ),
  conditionAsValue: () =>
    text("a number is expected here, and this is a condition", "write where(condition, 1, 0)"),
  valueAsCondition: () => text("a condition is expected here, and this is a number", "compare it: a > 0"),
  padForm: () => text("pad reads a tensor where it is in bounds", "pad(x[n, p + r], 0)"),
};

/** What there is to say, by name; the code follows from the name. */
export const say: {
  readonly [K in keyof typeof texts]: (...args: Parameters<(typeof texts)[K]>) => Complaint;
} = withCodes(texts);

function withCodes<T extends Record<string, (...args: never[]) => Text>>(
  makers: T,
): { readonly [K in keyof T]: (...args: Parameters<T[K]>) => Complaint };
function withCodes(
  makers: Record<string, (...args: unknown[]) => Text>,
): Record<string, (...args: unknown[]) => Complaint> {
  const coded: Record<string, (...args: unknown[]) => Complaint> = {};
  for (const [name, make] of Object.entries(makers)) {
    const code = name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    coded[name] = (...args) => ({ code, ...make(...args) });
  }
  return coded;
}
