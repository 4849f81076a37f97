/** Which sizes the shapes of the given tensors tell, and which the caller has to. */
import * as integer from "../../notation/integer.js";
import type { Int } from "../../notation/integer.js";
import { isGiven, type Layer, type Tensor } from "../../notation/layer.js";

/** coefficient·name + rest is the extent of the tensor's axis. */
export interface Told {
  readonly name: string;
  readonly tensor: Tensor;
  readonly axis: number;
  readonly coefficient: Int;
  readonly rest: Int;
}
export interface SizeSources {
  /** In an order in which each can be computed. */
  readonly told: readonly Told[];
  readonly asked: readonly string[];
}

export function sizeSources(layer: Layer): SizeSources {
  const known = new Set(layer.params.map((p) => p.name));
  const unknown = new Set(layer.sizes);
  const definitions = new Map(layer.derived.map((d) => [d.name, d.value]));
  const axes = layer.tensors
    .filter(isGiven)
    .flatMap((tensor) =>
      tensor.shape.map((extent, axis) => ({ tensor, axis, extent: inSizes(extent, definitions) })),
    );
  const told: Told[] = [];
  const asked: string[] = [];
  const learn = (name: string): void => {
    known.add(name);
    unknown.delete(name);
  };
  const tellOne = (wanted: (extent: Int) => boolean): boolean => {
    for (const { tensor, axis, extent } of axes) {
      const open = [...integer.variablesOf(extent)].filter((name) => unknown.has(name));
      const [name] = open;
      const parts = name !== undefined && open.length === 1 && integer.affineIn(extent, name);
      if (!name || !parts || !wanted(extent)) continue;
      told.push({ name, tensor, axis, ...parts });
      learn(name);
      return true;
    }
    return false;
  };
  while (unknown.size > 0) {
    if (tellOne((extent) => integer.plainVariable(extent) !== undefined) || tellOne(() => true)) continue;
    const [first] = unknown;
    if (first === undefined) break;
    asked.push(first);
    learn(first);
  }
  return { told, asked };
}

/** What is given by name: sizes that no shape tells, then params. */
export const settingNames = (layer: Layer): readonly string[] => [
  ...sizeSources(layer).asked,
  ...layer.params.map((p) => p.name),
];

/** The extent over sizes and params alone. */
function inSizes(extent: Int, definitions: ReadonlyMap<string, Int>): Int {
  const next = integer.substituteInt(extent, definitions);
  return integer.equal(next, extent) ? extent : inSizes(next, definitions);
}
