/** Layers that are sums of products x·w plus a bias: products, convolutions and their transposes. */
import { filled, grid } from "./grid.js";
import type { Grid } from "./grid.js";
import { oracle } from "./oracle.js";
import type { Oracle } from "./oracle.js";

interface Bilinear<S extends string> {
  readonly layer: string;
  readonly cases: readonly Readonly<Record<S, number>>[];
  /** Name and shape of the operands and the result. */
  readonly x: readonly [string, (sizes: Readonly<Record<S, number>>) => readonly number[]];
  readonly w: readonly [string, (sizes: Readonly<Record<S, number>>) => readonly number[]];
  readonly z: readonly [string, (sizes: Readonly<Record<S, number>>) => readonly number[]];
  /** The axis of z along which a bias is added. */
  readonly bias?: number;
  /** Whether a rectifier follows. */
  readonly relu?: boolean;
  /** Names the products: z[zAt] gets x[xAt]·w[wAt]; those whose xAt lies outside x are left out. */
  readonly products: (
    sizes: Readonly<Record<S, number>>,
    put: (zAt: readonly number[], xAt: readonly number[], wAt: readonly number[]) => void,
  ) => void;
}

export function bilinear<S extends string>(b: Bilinear<S>): Oracle {
  const [xName, xShape] = b.x;
  const [wName, wShape] = b.w;
  const [zName, zShape] = b.z;
  type Sizes = Readonly<Record<S, number>>;
  const need = (tensors: Readonly<Record<string, Grid>>, name: string): Grid => {
    const found = tensors[name];
    if (!found) throw new Error(`the oracle of ${b.layer} misses ${name}`);
    return found;
  };
  const preActivation = (sizes: Sizes, tensors: Readonly<Record<string, Grid>>): Grid => {
    const [x, w] = [need(tensors, xName), need(tensors, wName)];
    const { bias } = b;
    const z = filled(zShape(sizes), (...at) =>
      bias === undefined ? 0 : need(tensors, "b").get(at[bias] ?? -1),
    );
    b.products(sizes, (zAt, xAt, wAt) => {
      if (x.has(...xAt)) z.add(x.get(...xAt) * w.get(...wAt), ...zAt);
    });
    return z;
  };
  return oracle<S, string, string>({
    layer: b.layer,
    cases: b.cases,
    given: (sizes) => ({
      [xName]: xShape(sizes),
      [wName]: wShape(sizes),
      ...(b.bias !== undefined && { b: [zShape(sizes)[b.bias] ?? 0] }),
    }),
    forward: (sizes, tensors) => {
      const z = preActivation(sizes, tensors);
      return {
        [zName]: b.relu
          ? grid(
              z.shape,
              z.data.map((v) => Math.max(0, v)),
            )
          : z,
      };
    },
    backward: (sizes, tensors) => {
      const [x, w, given] = [need(tensors, xName), need(tensors, wName), need(tensors, `d${zName}`)];
      const z = b.relu ? preActivation(sizes, tensors) : undefined;
      const dz = z
        ? grid(
            z.shape,
            z.data.map((v, i) => (v > 0 ? (given.data[i] ?? 0) : 0)),
          )
        : given;
      const [dx, dw] = [grid(x.shape), grid(w.shape)];
      b.products(sizes, (zAt, xAt, wAt) => {
        if (!x.has(...xAt)) return;
        dx.add(dz.get(...zAt) * w.get(...wAt), ...xAt);
        dw.add(dz.get(...zAt) * x.get(...xAt), ...wAt);
      });
      const { bias } = b;
      if (bias === undefined) return { [`d${xName}`]: dx, [`d${wName}`]: dw };
      const db = grid([dz.shape[bias] ?? 0]);
      filled(dz.shape, (...at) => {
        db.add(dz.get(...at), at[bias] ?? -1);
        return 0;
      });
      return { [`d${xName}`]: dx, [`d${wName}`]: dw, db };
    },
  });
}
