/** The live taps of each phase in words, for formulas as text and in LaTeX. */
import { printInt } from "../../language/print-integers.js";
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { closedForm, type LiveTaps } from "../../patterns/live-taps.js";
import type { Phase } from "../../patterns/readings.js";
import { texInt } from "./latex/integers.js";
import { texName } from "./latex/names.js";

/** An output index, or the phase φ of it, with the taps of its window. */
interface Named {
  readonly phase: string;
  readonly taps: LiveTaps;
}

/** `live taps: r = mod(h + pad, stride) + stride*t for 0 <= t < ceil((R - mod(h + pad, stride))/stride)` */
export const liveTapsText = (phases: readonly Phase[]): readonly string[] =>
  spelled(
    phases.flatMap(({ index, taps }) => (taps ? [{ phase: index, taps }] : [])),
    (named) => [inWords(named)],
    ({ phase, taps }) => `likewise ${taps.tap} for ${phase}`,
  );

/** The same, as lines of LaTeX. */
export const liveTapsTex = (phases: readonly (Phase & { readonly remainder: string })[]): readonly string[] =>
  spelled(
    phases.flatMap(({ remainder, taps }) => (taps ? [{ phase: remainder, taps }] : [])),
    inTex,
    ({ phase, taps }) => `\\text{likewise } ${texName(taps.tap)} \\text{ for } ${texName(phase)}`,
  );

/** The first in full; those that have its stride and dilation are like it. */
function spelled(
  all: readonly Named[],
  full: (named: Named) => readonly string[],
  like: (named: Named) => string,
): readonly string[] {
  const alike = (a: LiveTaps, b: LiveTaps): boolean =>
    integer.equal(a.stride, b.stride) && integer.equal(a.dilation, b.dilation);
  return all.flatMap((named, at) =>
    all.slice(0, at).some(({ taps }) => alike(taps, named.taps)) ? [like(named)] : full(named),
  );
}

function inWords({ phase, taps }: Named): string {
  const print = (value: Int, order: readonly string[] = []): string => printInt(value, order);
  const { tap, stride, dilation, extent } = taps;
  const target = integer.plus(integer.variable(phase), taps.offset);
  const right = print(target, [phase]);
  const form = closedForm(taps, integer.variable(phase));
  if (form) {
    const { first, step, divisor } = form;
    const none = divisor > 1 ? `none unless ${divisor} divides ${right}; else ` : "";
    return `live taps: ${none}${tap} = ${print(stepped(first, step))} for 0 <= t < ceil((${print(integer.minus(extent, first))})/${print(step)})`;
  }
  const [s, d] = [print(stride), print(dilation)];
  const remainder = print(integer.modulo(target, stride), [phase]);
  return (
    `live taps: none unless γ = gcd(${d}, ${s}) divides ${right}; else ${tap} = ${tap}0 + t*${s}/γ for ` +
    `0 <= t < ceil((${print(extent)} - ${tap}0)*γ/${s}), ${tap}0 the least with mod(${tap}0*${d}, ${s}) == ${remainder}`
  );
}

function inTex({ phase, taps }: Named): readonly string[] {
  const { tap, stride, dilation, extent } = taps;
  const target = integer.plus(integer.variable(phase), taps.offset);
  const [r, right] = [texName(tap), texInt(target, [phase])];
  const form = closedForm(taps, integer.variable(phase));
  if (form) {
    const { first, step, divisor } = form;
    const count = `\\left\\lceil \\left(${texInt(integer.minus(extent, first), [])}\\right) / ${texInt(step, [])} \\right\\rceil`;
    const all = `${r} = ${texInt(stepped(first, step), [])},\\ 0 \\le t < ${count}`;
    const where = divisor > 1 ? `\\text{, none unless } ${divisor} \\mid ${right}` : "";
    return [`\\text{live taps } ${all}${where}`];
  }
  const [s, d] = [texInt(stride, []), texInt(dilation, [])];
  const count = `\\left\\lceil \\left(${texInt(extent, [])} - ${r}_0\\right) \\gamma / ${s} \\right\\rceil`;
  return [
    `\\text{live taps } ${r} = ${r}_0 + t \\cdot ${s}/\\gamma,\\ 0 \\le t < ${count}`,
    `\\text{where } \\gamma = \\gcd(${d}, ${s}) \\mid ${right}\\text{, else none}`,
    `\\text{and } ${r}_0 \\text{ is the least with } ${s} \\mid ${right} - ${r}_0 \\cdot ${d}`,
  ];
}

/** first + step·t */
const stepped = (first: Int, step: Int): Int =>
  integer.plus(first, integer.times(step, integer.variable("t")));
