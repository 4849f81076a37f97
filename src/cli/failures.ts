/** Failed comparisons and refuted claims in words. */
import type { ClaimVerdict } from "../targets/document/derivation.js";
import type { Row } from "../verdicts.js";

export function describeFailure({ tensor, failure }: Row): string {
  if (!failure) return "";
  const { comparison, sizes, element, got, expected, error, reason } = failure;
  const where = `${comparison} at ${listSizes(sizes)}`;
  if (reason) return `${where}: ${reason}`;
  return `${where}: ${place(tensor, element)} is ${got} where ${expected} is expected (relative error ${error.toExponential(1)})`;
}

/** At which sizes and where a claim does not hold; empty for a claim that is not refuted. */
export function describeCounterexample({ tensor, counterexample }: ClaimVerdict): string {
  if (!counterexample) return "";
  const { sizes, element, claimed, derived, reason } = counterexample as {
    readonly sizes: Readonly<Record<string, number>>;
    readonly element: readonly number[];
    readonly claimed: number;
    readonly derived: number;
    readonly reason?: string;
  };
  const where = `at ${listSizes(sizes)}`;
  return reason
    ? `${where}: ${reason}`
    : `${where}: ${place(tensor, element)} is claimed to be ${claimed}, and is ${derived}`;
}

const place = (tensor: string, element: readonly number[]): string =>
  element.length === 0 ? tensor : `${tensor}[${element.join(", ")}]`;
const listSizes = (sizes: Readonly<Record<string, number>>): string =>
  Object.entries(sizes)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ") || "its only size";
