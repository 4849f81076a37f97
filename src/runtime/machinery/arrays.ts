/** What plans on a device have besides: checks of the arrays that are written to its buffers. */
import type { Asked } from "../description.js";
import { arrayOf, checkNames, checkValues, type Data, type Setting, type Tensor } from "./plans.js";

declare const layerName: string;
declare const tensorNames: ReadonlySet<string>;

/** What the plans of a layer check their arguments with. */
export interface LayerChecks {
  /** The sizes and params of a plan, defaults filled in. */
  readSettings<S extends object>(
    settings: readonly Setting[],
    given: S,
  ): { readonly [K in keyof S]-?: number };
  tensor(
    name: string,
    shape: readonly number[],
    Type: new (length: number) => Data,
    bound?: number,
    boundText?: string,
  ): Tensor;
  byName(tensors: readonly Tensor[]): ReadonlyMap<string, Tensor>;
  checkArrays(tensors: ReadonlyMap<string, Tensor>, arrays: object): readonly (readonly [string, Data])[];
  askedGradients(options: object, all: readonly string[]): Asked;
}

/** The arrays given, by name, each of its tensor's type and length. */
export function checkArrays(
  tensors: ReadonlyMap<string, Tensor>,
  arrays: object,
): readonly (readonly [string, Data])[] {
  checkNames("tensor", arrays, tensorNames);
  const given: (readonly [string, Data])[] = [];
  for (const name in arrays) {
    const tensor = tensors.get(name)!;
    const array = arrayOf(tensor, arrays);
    if (array === undefined) throw new TypeError(`${layerName}: ${name} is missing: it is undefined`);
    if (tensor.bound !== Infinity) checkValues(tensor, array);
    given.push([name, array]);
  }
  return given;
}
