/** A generated `torch.py` as the check calls it. */
import { cotangentName, isDifferentiated, isGiven, type Layer } from "../notation/layer.js";
import { settingNames } from "../targets/torch/sizes.js";
import { compileLayer } from "../verify/evaluate.js";
import { float64 } from "../verify/numbers.js";
import type { Dtype, KernelPlan, Target } from "../verify/targets.js";
import { PythonError, type Torch } from "./process.js";

type Numbers = ArrayLike<number>;
type Values = Readonly<Record<string, Numbers>>;
type Sizes = Readonly<Record<string, number>>;

const torchType = { f32: "float32", f64: "float64" } as const;
let loaded = 0;

/** A layer in a Python process. */
export class TorchLayer {
  private readonly layer: Layer;
  private readonly torch: Torch;
  private readonly name: string;

  private constructor(layer: Layer, torch: Torch, name: string) {
    [this.layer, this.torch, this.name] = [layer, torch, name];
  }
  /** @param source the text of `torch.py` */
  static async load(layer: Layer, source: string, torch: Torch): Promise<TorchLayer> {
    const name = `layer${loaded++}`;
    await torch.ask({ action: "load", name, source });
    return new TorchLayer(layer, torch, name);
  }

  private shapesAt(sizes: Sizes): ReadonlyMap<string, readonly number[]> {
    return compileLayer(this.layer, sizes, float64).shapes;
  }
  private request(sizes: Sizes, dtype: Dtype, values: Values): Readonly<Record<string, unknown>> {
    const { layer } = this;
    const shapes = this.shapesAt(sizes);
    const defaults = new Map(layer.params.map((p) => [p.name, p.value]));
    return {
      name: this.name,
      dtype: torchType[dtype],
      settings: settingNames(layer).map((name) => sizes[name] ?? defaults.get(name)),
      tensors: layer.tensors.filter(isGiven).map((t) => ({
        ...encoded(values[t.name] ?? [], t.type === "integer"),
        shape: shapes.get(t.name) ?? [],
        differentiated: isDifferentiated(t),
      })),
    };
  }

  /** Outputs, and gradients with the backward pass. */
  async run(
    sizes: Sizes,
    dtype: Dtype,
    values: Values,
    pass: { readonly backward: boolean; readonly only?: readonly string[] | undefined },
  ): Promise<Readonly<Record<string, Float64Array | Int32Array>>> {
    const { layer, torch } = this;
    const outputs = layer.tensors.filter((t) => t.role === "output");
    const given = layer.tensors.filter(isGiven);
    const shapes = this.shapesAt(sizes);
    const cotangents = outputs.map((t) => {
      const own = t.type === "real" ? values[cotangentName(t.name)] : undefined;
      return own ? { ...encoded(own, false), shape: shapes.get(t.name) ?? [] } : null;
    });
    const wanted = pass.only?.map((name) => given.findIndex((t) => cotangentName(t.name) === name)) ?? null;
    const answer = await torch.ask({
      action: "run",
      ...this.request(sizes, dtype, values),
      ...(pass.backward && { cotangents, wanted }),
    });
    const data = answer["outputs"] as readonly string[];
    const got = answer["shapes"] as readonly (readonly number[])[];
    outputs.forEach((t, i) => {
      const expected = shapes.get(t.name) ?? [];
      if (got[i]?.join() !== expected.join())
        throw new Error(`${t.name} has the shape ${got[i]?.join()}, not ${expected.join()}`);
    });
    const gradients = (answer["gradients"] ?? {}) as Readonly<Record<string, string>>;
    return Object.fromEntries([
      ...outputs.map((t, i) => [t.name, decoded(data[i] ?? "", t.type === "integer")] as const),
      ...Object.entries(gradients).map(
        ([i, text]) => [cotangentName(given[Number(i)]?.name ?? ""), decoded(text, false)] as const,
      ),
    ]);
  }

  /** What PyTorch's `gradcheck` and `gradgradcheck` say against the gradients, in float64. */
  async gradientFault(sizes: Sizes, values: Values): Promise<string | undefined> {
    for (const check of ["gradcheck", "gradgradcheck"] as const)
      try {
        await this.torch.ask({ action: "gradcheck", check, ...this.request(sizes, "f64", values) });
      } catch (error) {
        if (!(error instanceof PythonError)) throw error;
        return `${check}: ${error.message}`;
      }
    return undefined;
  }

  /** As a target of the check. */
  target(dtypes: readonly Dtype[] = ["f64", "f32"]): Target {
    return {
      name: "torch",
      dtypes,
      gradientFault: (sizes, inputs) => this.gradientFault(sizes, Object.fromEntries(inputs)),
      plan: (sizes, dtype): KernelPlan => ({
        forward: (inputs) => this.run(sizes, dtype, inputs, { backward: false }),
        backward: (inputs, _outputs, options) =>
          this.run(sizes, dtype, inputs, { backward: true, only: options?.only }),
      }),
    };
  }
}

function encoded(values: Numbers, integer: boolean): { readonly data: string; readonly integer: boolean } {
  const array = integer
    ? BigInt64Array.from(Array.from(values, (v) => BigInt(v)))
    : Float64Array.from(values);
  return { data: Buffer.from(array.buffer).toString("base64"), integer };
}
function decoded(text: string, integer: boolean): Float64Array | Int32Array {
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  const values = new Float64Array(bytes.buffer);
  return integer ? Int32Array.from(values) : values;
}
