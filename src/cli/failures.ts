/** Failed comparisons and refuted claims in words. */
import type { ClaimVerdict } from "../targets/document/derivation.js";
import { listSizes, type Claim, type Row } from "../verdicts.js";

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
  const { sizes, element, claimed, derived, reason, difference, values } = counterexample as {
    readonly sizes: Readonly<Record<string, number>>;
    readonly element: readonly number[];
    readonly claimed: number;
    readonly derived: number;
    readonly reason?: string;
    readonly difference?: string;
    readonly values?: Readonly<Record<string, readonly number[]>>;
  };
  const where = `at ${listSizes(sizes)}`;
  if (reason) return `${where}: ${reason}`;
  const known = Object.entries(values ?? {}).map(([name, data]) => `${name} = ${list(data)}`);
  return [
    `${where}: ${place(tensor, element)} is claimed to be ${claimed}, and is ${derived}`,
    ...(known.length > 0 ? [`with ${known.join(", ")}`] : []),
    ...(difference === undefined ? [] : [difference]),
  ].join("\n  ");
}

/** How a claim was proved; empty for one that was not. */
export function describeProof({ method, proof }: Claim): string {
  if (method === "canonical form") return "it has the canonical form of the derived gradient";
  if (!proof) return "";
  const { sizes, points, doubt } = proof;
  const error = (2 * doubt).toExponential(0);
  return (
    `equal in a prime field at ${points} random points of ${sizes} choices of sizes, params and branches\n  ` +
    `that reach every cell which the formulas can tell apart (error < ${error}, given what was drawn)`
  );
}

/** What was not tried of a claim that nothing is found against. */
export function describeUntried({ untried }: Pick<Claim, "untried">): string {
  if (untried.length === 0)
    return "no difference was found, and no proof: a law of its functions may be missing";
  const [some, more] = [untried.slice(0, mostCells), untried.length - mostCells];
  return `not tried: ${some.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
const mostCells = 4;

const list = (data: readonly number[]): string =>
  data.length === 1 ? String(data[0]) : `[${data.join(", ")}]`;
const place = (tensor: string, element: readonly number[]): string =>
  element.length === 0 ? tensor : `${tensor}[${element.join(", ")}]`;
