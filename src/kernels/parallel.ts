/** Which kernels threads may share: all that they write for others lies in loops whose points write places of their own. */
import type { Loop } from "./copies.js";
import type { Code } from "./program.js";

/** The loops that threads share out; undefined where something is written elsewhere. `isOwn`: whether each thread has a buffer for itself. */
export function sharedLoops(
  body: readonly Code[],
  isOwn: (buffer: string) => boolean,
): ReadonlySet<Loop> | undefined {
  const loops = new Set<Loop>();
  return isShared(body) && loops.size > 0 ? loops : undefined;

  function isShared(code: readonly Code[]): boolean {
    return code.every((c): boolean => {
      switch (c.kind) {
        case "loop":
          if (!c.parallel) return isShared(c.body);
          loops.add(c);
          return true;
        case "if":
          return isShared(c.then) && isShared(c.otherwise);
        case "store":
        case "accumulate":
        case "fill":
          return isOwn(c.buffer);
        // routines write panels alone
        case "call":
        case "integer":
        case "counter":
        case "real":
        case "accumulator":
        case "assign":
          return true;
      }
    });
  }
}
