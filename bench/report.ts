/** Measurements as Markdown tables, and where they fall short of what is asked of the kernels. */
import { peerNames, type ContestantName } from "./measure.js";
import type { Dims, Workload } from "./workload.js";

export interface Rival {
  readonly name: ContestantName;
  readonly seconds?: number;
  /** Its time divided by ours. */
  readonly ratio?: number;
  /** Changed sizes, where the full ones would take it too long; ours was then measured at them too. */
  readonly at?: Dims;
  /** Why there is no time, or why it does not count. */
  readonly reason?: string | undefined;
}

export interface PassResult {
  readonly workload: string;
  readonly pass: string;
  readonly kind: "contraction" | "memory";
  readonly seconds: number;
  /** GFLOP/s of needed multiply-adds, or GB/s. */
  readonly rate: number;
  /** Of our square matrix product's rate, or of one pass over as much memory. */
  readonly share?: number;
  /** Multiply-adds executed over those needed: of the kernels that ran, and of those that run on a GPU. */
  readonly executed?: { readonly here: number; readonly onGpu: number };
  readonly rivals: readonly Rival[];
  readonly versions: Readonly<Record<string, string>>;
  /** How far the result is from the plain loops', where that is too far. */
  readonly wrong?: number;
}

const find = ({ rivals }: PassResult, name: Rival["name"]) => rivals.find((rival) => rival.name === name);
/** Three digits that count. */
export function milliseconds(seconds: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(1000 * seconds)));
  return `${(1000 * seconds).toFixed(digits)} ms`;
}
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const times = (ratio: number) => `${ratio.toFixed(ratio < 1 ? 2 : ratio < 10 ? 1 : 0)}×`;

function cell(result: PassResult, name: Rival["name"]): string {
  const rival = find(result, name);
  if (rival?.ratio === undefined) return rival?.reason === undefined ? "" : "—";
  return [times(rival.ratio), ...(rival.at ? ["*"] : []), ...(rival.reason === undefined ? [] : ["†"])].join(
    " ",
  );
}

/** Columns of rows as wide as their widest cell, so that the table reads in a terminal too. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, 3, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, i) => (i < 2 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join(" | ")} |`;
  const rule = widths.map((width, i) => (i < 2 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(header), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** One row a pass; the columns of peers only where peers ran. */
export function passTable(results: readonly PassResult[], workloads: readonly Workload[]): string {
  const columns = (["naive", ...peerNames] as const).filter((name) => results.some((r) => find(r, name)));
  const held = results.some(({ share }) => share !== undefined);
  const counted = results.some(({ executed }) => executed !== undefined);
  const header = [
    ...["workload", "pass", "time", "rate"],
    ...(held ? ["of yardstick"] : []),
    ...(counted ? ["executed", "on a GPU"] : []),
    ...columns,
  ];
  const share = (value: number | undefined) => (value === undefined ? "" : value.toFixed(2));
  const rows = results.map((result, i) => [
    results[i - 1]?.workload === result.workload
      ? ""
      : workloads.find(({ name }) => name === result.workload)!.title,
    result.pass,
    milliseconds(result.seconds),
    `${result.rate.toPrecision(3)} ${result.kind === "contraction" ? "GFLOP/s" : "GB/s"}`,
    ...(held ? [percent(result.share ?? NaN)] : []),
    ...(counted ? [share(result.executed?.here), share(result.executed?.onGpu)] : []),
    ...columns.map((name) => cell(result, name)),
  ]);
  return table(header, rows);
}

/** What the table's signs stand for: the smaller sizes, and why a peer has no entry. */
export function remarks(results: readonly PassResult[]): string[] {
  const smaller = new Map<string, Set<string>>();
  const missing = new Map<string, Set<string>>();
  const note = (map: Map<string, Set<string>>, key: string, place: string) =>
    map.set(key, (map.get(key) ?? new Set()).add(place));
  for (const { workload, pass, rivals } of results) {
    for (const { name, at, reason } of rivals) {
      if (at) {
        const sizes = Object.entries(at).map(([size, value]) => `${size} = ${value}`);
        note(smaller, `${workload}: ${sizes.join(", ")}`, `${name} ${pass}`);
      }
      if (reason !== undefined) note(missing, `${name}: ${reason}`, `${workload} ${pass}`);
    }
  }
  const list = (map: Map<string, Set<string>>) =>
    [...map].map(([key, where]) => `- ${key} (${[...where].join("; ")})`);
  return [
    ...(smaller.size > 0
      ? ["`*`, both at a smaller size, because the peer takes too long:", "", ...list(smaller), ""]
      : []),
    ...(missing.size > 0 ? ["`—`, no such operation; `†`, not a right one:", "", ...list(missing), ""] : []),
  ];
}

/** Passes for which plain JavaScript should beat libraries on wasm too. */
const beatsWasm = ({ workload, pass }: PassResult): boolean =>
  workload === "bmm" ||
  (pass !== "forward" &&
    pass !== "db" &&
    /^(conv|depthwise|linear|gemm|max-pool|average-pool)/u.test(workload));

/** How many times as long as ours a rival should take at the least; nothing is asked where this is undefined. */
function goalOf(result: PassResult, { name, reason }: Rival): number | undefined {
  const { workload, pass, kind } = result;
  if (reason !== undefined) return undefined;
  if (name === "naive") return { gemm: 5, "gemm-fixed": 6 }[workload] ?? 0.9; // as fast, but for noise
  if (name.endsWith("webgpu")) return 1;
  if (name !== "tfjs cpu") return beatsWasm(result) ? 1 : undefined;
  if (kind === "contraction") return 6;
  return pass !== "forward" && /^(max-pool|average-pool|batch-norm)$/u.test(workload) ? 20 : 1;
}

/** The yardstick's share that a pass should reach. */
function shareGoalOf({ workload, kind }: PassResult): number {
  if (/^(batch-norm|layer-norm|cross-entropy)$/u.test(workload)) return 0.5;
  if (kind !== "contraction") return 0;
  if (workload === "depthwise" || workload === "conv7x7") return 0.35;
  return workload.startsWith("conv") ? 0.75 : 0;
}

/** The goals that passes miss, a line each. */
export function shortfalls(results: readonly PassResult[]): string[] {
  return results.flatMap((result) => {
    const { workload, pass, share, rivals, wrong } = result;
    const place = `- ${workload} ${pass}:`;
    const goal = shareGoalOf(result);
    return [
      ...(wrong === undefined
        ? []
        : [`${place} WRONG, off by ${wrong.toPrecision(2)} of the largest element`]),
      ...(share !== undefined && share < goal
        ? [`${place} ${percent(share)} of the yardstick, to reach ${percent(goal)}`]
        : []),
      ...rivals.flatMap((rival) => {
        const goal = goalOf(result, rival);
        const missed = goal !== undefined && rival.ratio !== undefined && rival.ratio < goal;
        return missed ? [`${place} ${times(rival.ratio)} ${rival.name}, to reach ${times(goal)}`] : [];
      }),
    ];
  });
}
