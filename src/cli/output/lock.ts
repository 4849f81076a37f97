/**
 * One writer of a folder at a time. Who wants to write puts a claim into it, a file of its own whose name says which process
 * it is, and then looks: where there is another claim of a living process it takes its own back and waits. Of two that come
 * together at least one sees the other. Claims of dead processes are removed; since no two have one name, never a living one's.
 */
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError } from "../failure.js";
import { makeFolder } from "./disk.js";

/**
 * Runs an action that no other process's action on this folder overlaps.
 * @param folder for the claims; made where there is none
 * @param patience in milliseconds
 * @throws UsageError when another process keeps the folder for longer
 */
export async function locked<T>(
  folder: string,
  token: string,
  act: () => T | Promise<T>,
  patience = 60_000,
): Promise<T> {
  const name = `lock-${process.pid}-${startOf(process.pid) ?? 0}-${host()}-${token}`;
  const until = Date.now() + patience;
  for (;;) {
    makeFolder(folder); // another process may have removed it with its last claim
    if (othersIn(folder, name).length === 0) {
      writeFileSync(join(folder, name), "", { flag: "wx" });
      try {
        if (othersIn(folder, name).length === 0) return await act();
      } finally {
        rmSync(join(folder, name), { force: true });
      }
    }
    const [other] = othersIn(folder, name);
    if (other && Date.now() > until)
      throw new UsageError(
        `process ${other.pid} is writing here and does not come to an end; where it does not run any more, delete ${join(folder, other.name)}`,
      );
    await sleep(10 + (randomBytes(1)[0] ?? 0) / 4); // not the same for two that wait for each other
  }
}

interface Claim {
  readonly name: string;
  readonly pid: number;
  readonly start: number;
  readonly host: string;
}

/** The claims of living processes but for this one. Those of dead ones are removed. */
function othersIn(folder: string, own: string): readonly Claim[] {
  return readdirSync(folder).flatMap((name) => {
    const claim = readClaim(name);
    if (!claim || name === own) return [];
    if (isAlive(claim)) return [claim];
    rmSync(join(folder, name), { force: true });
    return [];
  });
}

function readClaim(name: string): Claim | undefined {
  const match = /^lock-(\d+)-(\d+)-([0-9a-f]+)-[0-9a-f]+$/u.exec(name);
  return match ? { name, pid: Number(match[1]), start: Number(match[2]), host: match[3] ?? "" } : undefined;
}

/** Of another machine, which shares the folder, we cannot know: it counts as living. */
function isAlive({ pid, start, host: of }: Claim): boolean {
  if (of !== host()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it lives, and is somebody else's
  }
  const now = startOf(pid);
  return start === 0 || now === undefined || now === start;
}

/**
 * When a process began, in ticks, where the system tells: its number may since have gone to another. One that has ended,
 * and that its parent has not asked about yet, never began.
 */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? Infinity : Number(fields[19]);
  } catch {
    return undefined;
  }
}

const host = (): string => createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
