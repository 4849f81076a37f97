/** Names for the indices of a tensor's gradient: those its reads use, else its sizes in lower case. */
import type { Contribution } from "./adjoint.js";
import * as integer from "../notation/integer.js";
import type { Index, Statement, Tensor } from "../notation/layer.js";

export function targetIndices(
  tensor: Tensor,
  contributions: readonly Contribution[],
  definition: Statement | undefined,
  reserved: ReadonlySet<string>,
): readonly Index[] {
  const used = new Set<string>();
  return tensor.shape.map((extent, axis) => {
    const own = definition?.subscripts[axis];
    const candidates = [
      ...(own ? [own] : []),
      ...contributions.flatMap((c) => c.subscripts[axis] ?? []),
    ].flatMap((s) => integer.plainVariable(s) ?? []);
    const size = integer.plainVariable(extent)?.toLowerCase();
    const options = [
      ...candidates.map((c) => c.replace(/~.*$/u, "")),
      ...(size && /^\p{L}\p{M}*$/u.test(size) ? [size] : []),
      ..."ijklmnopq",
    ];
    const free = options.find((name) => !used.has(name) && !reserved.has(name));
    const name = free ?? `i${axis}`;
    used.add(name);
    return { name, extent };
  });
}
