/** What a function's code declares, and what of that nothing reads. */
import type { Code } from "../../kernels/program.js";
import { eachCode } from "../../kernels/walk-code.js";
import type { Scope } from "./scope.js";

/** Names that the code declares, those of loops included. */
export function declaredIn(block: readonly Code[]): readonly string[] {
  const names: string[] = [];
  eachCode(block, (code) => {
    if (code.kind === "loop") names.push(code.index);
    else if (isLocal(code)) names.push(code.name);
  });
  return names;
}
const isLocal = (code: Code): code is Extract<Code, { readonly name: string }> =>
  code.kind === "integer" || code.kind === "counter" || code.kind === "real" || code.kind === "accumulator";

/** The code without locals that it never reads, now that it is spelled; undefined where there are none. */
export function withoutUnread(block: readonly Code[], { read }: Scope): readonly Code[] | undefined {
  const unread = new Set<string>();
  eachCode(block, (code) => {
    if (isLocal(code) && !read.has(code.name)) unread.add(code.name);
  });
  return unread.size > 0 ? without(block, unread) : undefined;
}
const without = (block: readonly Code[], names: ReadonlySet<string>): readonly Code[] =>
  block.flatMap((code): readonly Code[] => {
    if (code.kind === "loop") return [{ ...code, body: without(code.body, names) }];
    if (code.kind === "if") {
      const [then, otherwise] = [without(code.then, names), without(code.otherwise, names)];
      return [{ ...code, then, otherwise }];
    }
    return "name" in code && names.has(code.name) ? [] : [code];
  });

/** The names used: those listed in the order of the list, then the others. */
export function inOrder(listed: readonly string[], used: Iterable<string>): readonly string[] {
  const all = new Set(used);
  return [...new Set([...listed.filter((name) => all.has(name)), ...all])];
}
