/** What is wrong with what is written: names, tensors, integers, reductions. */
import { count, near, quote, suggest, text } from "./text.js";

export const meaning = {
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
  unknownName: (name: string, meant: string | undefined, index: boolean) =>
    index
      ? text(
          `the index ${name} is neither on the left-hand side nor bound by a reduction`,
          `sum over it: sum[${name}](…)`,
        )
      : near(
          text(`${name} is not known here`, `declare it, param ${name} = …, or define it above`),
          name,
          meant,
        ),
  noSize: (name: string, meant: string | undefined) =>
    near(
      text(`${name} is no size`, `define it, ${name} = …, or introduce it in the brackets of an input`),
      name,
      meant,
    ),
  unknownTensor: (name: string, meant: string | undefined) =>
    near(text(`there is no tensor ${name}`, `declare it, input ${name}[…], or define it above`), name, meant),
  unknownFunction: (name: string, meant: string | undefined) =>
    near(
      text(`there is no function ${name}`, "write it as a formula, or as a helper of this file: f(u) = …"),
      name,
      meant,
    ),
  valueIndexed: (name: string) =>
    text(`${name} is a number and takes no subscripts`, "products are written with *"),
  subscriptsMissing: (name: string, rank: number) =>
    text(
      `${name} is a tensor of ${count(rank, "axis").replace("axiss", "axes")}: its subscripts are missing`,
    ),
  /** @param axes as they are declared, where they are known */
  subscriptCount: (name: string, rank: number, given: number, axes?: readonly string[]) =>
    text(
      `${name} has ${count(rank, "subscript")}, and ${given === 0 ? "none are" : given === 1 ? "1 is" : `${given} are`} given`,
      axes &&
        (rank === 0
          ? `${name} is a scalar: write ${name}`
          : `one for each axis of ${name}[${axes.join(", ")}]`),
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
  neverDefined: (name: string, role: string, meant?: string) =>
    near(text(`the ${role} ${name} is never defined`, `${name}[…] = …`), name, meant),
  noOutput: (last: string | undefined) =>
    text("the layer has no output", last === undefined ? undefined : `declare it: output ${last}`),
  noTensors: (name: string, where: string) => text(`the tensor ${name} cannot be read in ${where}`),
  gradientUnread: (name: string, of: string) =>
    text(`${name}, the gradient of ${of}, cannot be read here`, `claim it above: claim ${name}[…] = …`),
  cotangentInLayer: (name: string) =>
    text(`${name} reads a cotangent, so it is a helper of the claims and cannot be declared`),
  helperReadsClaim: (name: string, claim: string) =>
    text(`${name} reads the claimed ${claim}`, "only claims read earlier claims: write it into the claim"),
  claimsUnknown: (name: string, meant: string | undefined) =>
    near(
      text(
        `${name} is no gradient of this layer: a claim is about dT of an input, a weight or an intermediate T defined above`,
        "claim dx[n, c] = … of an input x[N, C]",
      ),
      name,
      meant,
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
  conditionAsValue: () => ({
    ...text("a number is expected here, and this is a condition"),
    around: ["where(", ", 1, 0)"] as const,
  }),
  valueAsCondition: () => text("a condition is expected here, and this is a number", "compare it: a > 0"),
  padForm: () => text("pad reads a tensor where it is in bounds", "pad(x[n, p + r], 0)"),
};
