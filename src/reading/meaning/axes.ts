/** Reductions along axes: `x.max(-1)`, softmax. */
import { anonymous, summed, type Value } from "../terms/value.js";
import type { Formula } from "../latex/formula.js";
import { call, name, over, where } from "../terms/make.js";
import { Unreadable } from "../document/unreadable.js";
import type { Term } from "../terms/term.js";

/** `x.max(-1)` */
export function reducedAxis(op: string, value: Value, axis: Formula): Value {
  const number =
    axis.kind === "negative" && axis.of.kind === "number"
      ? -axis.of.value
      : axis.kind === "number"
        ? axis.value
        : NaN;
  const at = number < 0 ? value.shape.length + number : number;
  const extent = value.shape[at];
  if (!extent) throw new Unreadable("this is no axis", axis.at);
  return {
    shape: value.shape.filter((_, i) => i !== at),
    at: (place) => {
      const index = anonymous();
      return {
        kind: "reduce",
        op,
        binders: [{ name: index, below: extent }],
        body: value.at([...place.slice(0, at), name(index), ...place.slice(at)]),
      };
    },
  };
}

/** `diag(v)`: v along the diagonal of a matrix. */
export function diagonal({ shape, at }: Value, place: number): Value {
  const [extent, ...rest] = shape;
  if (!extent || rest.length > 0) throw new Unreadable("a diagonal is made of a vector", place);
  return {
    shape: [extent, extent],
    at: ([i, j]) => where([{ op: "==", left: i!, right: j! }], at([i!])),
  };
}

export function softmax(value: Value, at: number): Value {
  const last = value.shape.at(-1);
  if (!last) throw new Unreadable("a softmax of one number", at);
  const exponential = (place: readonly Term[]): Term => call("exp", value.at(place));
  return {
    ...value,
    at: (place) =>
      over(
        exponential(place),
        summed([last], (k) => exponential([...place.slice(0, -1), ...k])),
      ),
  };
}
