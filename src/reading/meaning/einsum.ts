/** `einsum("nk,km->nm", x, W)` */
import type { Formula } from "../latex/formula.js";
import type { Scope } from "../context/scope.js";
import { sameShape, summed, type Value } from "../terms/value.js";
import { meanings } from "./meaning.js";
import { Unreadable } from "../document/unreadable.js";
import type { Term } from "../terms/term.js";
import { times } from "../terms/make.js";

/** `einsum("nk,km->nm", x, W)`: the sum over every letter that the result lacks. */
export function einsum(
  text: string,
  operands: readonly Formula[],
  scope: Scope,
  at: number,
): readonly Value[] {
  const [inputs = "", output = ""] = text.split("->");
  const letters = inputs.split(",");
  const values = operands.map((operand) => meanings(operand, scope)[0]!);
  const fit =
    letters.length === values.length && letters.every((own, i) => own.length === values[i]!.shape.length);
  if (!fit) throw new Unreadable(`the letters of ${text} are not the axes of its operands`, at);
  const extents = new Map<string, Term>();
  values.forEach(({ shape }, i) =>
    shape.forEach((extent, axis) => {
      const letter = letters[i]![axis]!;
      const known = extents.get(letter);
      if (known && !sameShape([known], [extent]))
        throw new Unreadable(`${letter} of ${text} stands for two sizes`, at);
      extents.set(letter, extent);
    }),
  );
  const outer = [...output];
  if (outer.some((letter) => !extents.has(letter)) || new Set(outer).size < outer.length)
    throw new Unreadable(`the result of ${text} is not understood`, at);
  const inner = [...extents.keys()].filter((letter) => !outer.includes(letter));
  const of = (own: readonly string[]): readonly Term[] => own.map((letter) => extents.get(letter)!);
  return [
    {
      shape: of(outer),
      at: (place) =>
        summed(of(inner), (taps) => {
          const where_ = new Map([
            ...outer.map((letter, i) => [letter, place[i]!] as const),
            ...inner.map((letter, i) => [letter, taps[i]!] as const),
          ]);
          return values
            .map((value, i) => value.at([...letters[i]!].map((letter) => where_.get(letter)!)))
            .reduce(times);
        }),
    },
  ];
}
