/** Which tensors carry a derivative. */
import { isDifferentiated, type Layer } from "../notation/layer.js";
import { tensorsIn } from "../notation/traverse.js";

/** Inputs, weights and whatever real is computed from them. */
export function activeTensors(layer: Layer): Set<string> {
  const active = new Set(layer.tensors.filter(isDifferentiated).map((t) => t.name));
  const integers = new Set(layer.tensors.filter((t) => t.type === "integer").map((t) => t.name));
  // a recurrence reads what comes below it: until nothing is added
  for (let before = -1; before < active.size;) {
    before = active.size;
    for (const s of layer.statements)
      if (!integers.has(s.tensor) && [...tensorsIn(s.body)].some((name) => active.has(name)))
        active.add(s.tensor);
  }
  return active;
}
