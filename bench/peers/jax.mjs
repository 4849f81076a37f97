/**
 * jax-js, everything under `jit`; a gradient is the `vjp` of one argument, so that what it
 * does not need of the forward pass can be dropped. Arrays are consumed by use: `.ref` keeps one.
 */
import { readFileSync } from "node:fs";
import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, vjp } from "@jax-js/jax";

const manifest = new URL("../node_modules/@jax-js/jax/package.json", import.meta.url);

export async function open(device) {
  if (!(await init(device)).includes(device)) throw new Error(`jax-js has no device ${device} here`);
  defaultDevice(device);
  return { version: JSON.parse(readFileSync(manifest, "utf8")).version, contestant };
}

async function contestant(kind, pass, dims, arrays, shapes) {
  const { inputs, f } = layers[kind](dims);
  const array = (name) =>
    kind === "crossEntropy" && name === "t"
      ? nn.oneHot(np.array(arrays.t, { dtype: np.int32 }), dims.C)
      : np.array(arrays[name]).reshape(shapes[name]);
  const values = inputs.map(array);
  let compiled;
  if (pass === "forward") compiled = jit(f);
  else {
    const position = inputs.indexOf(pass.slice(1));
    values.push(array(cotangent(shapes)));
    compiled = jit((...all) => {
      const dy = all.pop();
      const [own] = all.splice(position, 1);
      const [y, back] = vjp((value) => f(...all.slice(0, position), value, ...all.slice(position)), [own]);
      y.dispose();
      return back(dy)[0];
    });
  }
  await blockUntilReady(values);
  return {
    run: () => blockUntilReady(compiled(...values.map((value) => value.ref))),
    read: (out) => out.ref.data(),
    release: (out) => out.dispose(),
  };
}

const cotangent = (shapes) => ["dz", "dy", "dloss"].find((name) => name in shapes);

const layers = {
  matmul: () => ({ inputs: ["x", "w"], f: (x, w) => np.matmul(x, w) }),
  bmm: () => ({ inputs: ["x", "t"], f: (x, t) => np.matmul(x, t) }),
  linear: () => ({ inputs: ["x", "w", "b"], f: (x, w, b) => np.matmul(x, w).add(b) }),
  conv: ({ K, stride, pad, dilation }) => ({
    inputs: ["x", "w", "b"],
    f: (x, w, b) =>
      lax
        .convGeneralDilated(
          x,
          w,
          [stride, stride],
          [
            [pad, pad],
            [pad, pad],
          ],
          { rhsDilation: [dilation, dilation] },
        )
        .add(b.reshape([K, 1, 1])),
  }),
  depthwise: ({ C, R, S, stride, pad, dilation }) => ({
    inputs: ["x", "w", "b"],
    f: (x, w, b) =>
      lax
        .convGeneralDilated(
          x,
          w.reshape([C, 1, R, S]),
          [stride, stride],
          [
            [pad, pad],
            [pad, pad],
          ],
          {
            rhsDilation: [dilation, dilation],
            featureGroupCount: C,
          },
        )
        .add(b.reshape([C, 1, 1])),
  }),
  maxPool: ({ R, S, stride }) => ({
    inputs: ["x"],
    f: (x) => lax.reduceWindow(x, (window) => np.max(window), [R, S], [stride, stride]),
  }),
  averagePool: ({ R, S, stride }) => ({
    inputs: ["x"],
    f: (x) => lax.reduceWindow(x, (window) => np.mean(window), [R, S], [stride, stride]),
  }),
  batchNorm: ({ C }) => ({
    inputs: ["x", "w", "b"],
    f: (x, w, b) =>
      normalise(x, [0, 2])
        .mul(w.reshape([C, 1]))
        .add(b.reshape([C, 1])),
  }),
  layerNorm: () => ({ inputs: ["x", "w", "b"], f: (x, w, b) => normalise(x, 1).mul(w).add(b) }),
  crossEntropy: ({ N }) => ({
    inputs: ["x", "t"],
    f: (x, labels) => np.sum(nn.logSoftmax(x, -1).mul(labels)).mul(-1 / N),
  }),
  gelu: () => ({ inputs: ["x"], f: (x) => nn.gelu(x, { approximate: false }) }),
  attention: ({ D }) => ({
    inputs: ["q", "k", "v"],
    f: (q, k, v) => np.matmul(nn.softmax(np.matmul(q, np.swapaxes(k, -1, -2)).mul(1 / Math.sqrt(D)), -1), v),
  }),
};

function normalise(x, axis) {
  const centred = x.ref.sub(np.mean(x, axis, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), axis, { keepdims: true });
  return centred.div(np.sqrt(variance.add(1e-5)));
}
