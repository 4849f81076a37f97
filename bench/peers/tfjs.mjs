/**
 * TensorFlow.js. Gradients by its own gradient kernels where a layer is one operation, else by `tf.grad`, whose
 * tape runs the forward pass too. Images are NHWC, the one layout that both backends take: turned beforehand.
 */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";

tf.enableProdMode(); // no checks, no advice
await registerGradients();

const channelsLast = [0, 2, 3, 1];
const channelsFirst = [0, 3, 1, 2];

export async function open(backend) {
  // looks for navigator.gpu when it is loaded
  if (backend === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no backend ${backend} here`);
  return {
    version: tf.version_core,
    contestant: (kind, pass, dims, arrays, shapes) => contestant(backend, kind, pass, dims, arrays, shapes),
  };
}

/** They come as modules that Node does not take for such; what they register goes to tfjs's one registry. */
async function registerGradients() {
  const file = new URL(
    "../node_modules/@tensorflow/tfjs-core/dist/register_all_gradients.js",
    import.meta.url,
  );
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(file)],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

async function contestant(backend, kind, pass, dims, arrays, shapes) {
  await tf.setBackend(backend);
  const tensor = (name) =>
    tf.tensor(arrays[name], shapes[name], name === "t" && kind === "crossEntropy" ? "int32" : "float32");
  const passes = layers[kind](dims, tensor);
  const [operation, turn] = [passes[pass]].flat();
  if (!operation) throw new Error("has no such gradient");
  return {
    before: () => tf.setBackend(backend),
    run: backend === "webgpu" ? () => done(tf.tidy(operation)) : () => tf.tidy(operation),
    read: async (out) => {
      const back = turn ? tf.transpose(out, turn) : out;
      return back.data();
    },
    release: (out) => out.dispose(),
  };
}

/** Submits what is waiting and waits for it. */
async function done(out) {
  const backend = tf.backend();
  if (backend.commandEncoder) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  await backend.queue.onSubmittedWorkDone();
  return out;
}

const kernel = (name, inputs, attributes) => tf.engine().runKernel(name, inputs, attributes);
const transposed = (tensor, order) => tf.tidy(() => tf.transpose(tensor, order));
const derivatives = (f, cotangent, inputs) =>
  Object.fromEntries(
    Object.keys(inputs).map((name) => [
      `d${name}`,
      () => tf.grad((value) => f({ ...inputs, [name]: value }))(inputs[name], cotangent),
    ]),
  );

const layers = {
  matmul(_, tensor) {
    const [x, w, dy] = ["x", "w", "dy"].map(tensor);
    return {
      forward: () => tf.matMul(x, w),
      dx: () => tf.matMul(dy, w, false, true),
      dw: () => tf.matMul(x, dy, true, false),
    };
  },
  linear(_, tensor) {
    const [x, w, b, dz] = ["x", "w", "b", "dz"].map(tensor);
    return {
      forward: () => tf.fused.matMul({ a: x, b: w, bias: b }),
      dx: () => tf.matMul(dz, w, false, true),
      dw: () => tf.matMul(x, dz, true, false),
      db: () => tf.sum(dz, 0),
    };
  },
  bmm(_, tensor) {
    const [x, t, dy] = ["x", "t", "dy"].map(tensor);
    return {
      forward: () => tf.matMul(x, t),
      dx: () => tf.matMul(dy, t, false, true),
      dt: () => tf.matMul(x, dy, true, false),
    };
  },
  conv({ stride, pad, dilation }, tensor) {
    const x = transposed(tensor("x"), channelsLast);
    const filter = transposed(tensor("w"), [2, 3, 1, 0]);
    const dy = transposed(tensor("dz"), channelsLast);
    const bias = tensor("b");
    const shared = { strides: stride, pad, dataFormat: "NHWC", dimRoundingMode: "floor" };
    const plain = dilation === 1;
    return {
      forward: [() => tf.fused.conv2d({ x, filter, bias, dilations: dilation, ...shared }), channelsFirst],
      dx: plain && [
        () => kernel("Conv2DBackpropInput", { dy, filter }, { ...shared, inputShape: x.shape }),
        channelsFirst,
      ],
      dw: plain && [
        () => kernel("Conv2DBackpropFilter", { x, dy }, { ...shared, filterShape: filter.shape }),
        [3, 2, 0, 1],
      ],
      db: () => tf.sum(dy, [0, 1, 2]),
    };
  },
  depthwise({ C, R, S, stride, pad, dilation }, tensor) {
    const x = transposed(tensor("x"), channelsLast);
    const filter = tf.reshape(transposed(tensor("w"), [1, 2, 0]), [R, S, C, 1]);
    const dy = transposed(tensor("dz"), channelsLast);
    const bias = tensor("b");
    const shared = { strides: stride, pad, dilations: [dilation, dilation], dimRoundingMode: "floor" };
    return {
      forward: [() => tf.fused.depthwiseConv2d({ x, filter, bias, ...shared }), channelsFirst],
      dx: [
        () =>
          kernel("DepthwiseConv2dNativeBackpropInput", { dy, filter }, { ...shared, inputShape: x.shape }),
        channelsFirst,
      ],
      dw: [
        () =>
          kernel("DepthwiseConv2dNativeBackpropFilter", { x, dy }, { ...shared, filterShape: filter.shape }),
        [2, 3, 0, 1],
      ],
      db: () => tf.sum(dy, [0, 1, 2]),
    };
  },
  maxPool({ R, S, stride, pad }, tensor) {
    const [input, dy] = ["x", "dy"].map((name) => transposed(tensor(name), channelsLast));
    const output = tf.maxPool(input, [R, S], stride, pad, "floor");
    const window = { filterSize: [R, S], strides: stride, pad, dimRoundingMode: "floor" };
    return {
      forward: [() => tf.maxPool(input, [R, S], stride, pad, "floor"), channelsFirst],
      dx: [() => kernel("MaxPoolGrad", { dy, input, output }, window), channelsFirst],
    };
  },
  averagePool({ R, S, stride, pad }, tensor) {
    const [input, dy] = ["x", "dy"].map((name) => transposed(tensor(name), channelsLast));
    const window = { filterSize: [R, S], strides: stride, pad, dimRoundingMode: "floor" };
    return {
      forward: [() => tf.avgPool(input, [R, S], stride, pad, "floor"), channelsFirst],
      dx: [() => kernel("AvgPoolGrad", { dy, input }, window), channelsFirst],
    };
  },
  batchNorm(_, tensor) {
    const [x, dy] = ["x", "dy"].map((name) => transposed(tensor(name), [0, 2, 1]));
    const inputs = { x, w: tensor("w"), b: tensor("b") };
    const f = ({ x, w, b }) => {
      const { mean, variance } = tf.moments(x, [0, 1]);
      return tf.batchNorm(x, mean, variance, b, w, 1e-5);
    };
    const { dx, dw, db } = derivatives(f, dy, inputs);
    return { forward: [() => f(inputs), [0, 2, 1]], dx: [dx, [0, 2, 1]], dw, db };
  },
  layerNorm(_, tensor) {
    const inputs = { x: tensor("x"), w: tensor("w"), b: tensor("b") };
    const f = ({ x, w, b }) => {
      const { mean, variance } = tf.moments(x, 1, true);
      const normalised = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      return tf.add(tf.mul(normalised, w), b);
    };
    return { forward: () => f(inputs), ...derivatives(f, tensor("dy"), inputs) };
  },
  crossEntropy({ C }, tensor) {
    const labels = tf.tidy(() => tf.cast(tf.oneHot(tensor("t"), C), "float32"));
    const inputs = { x: tensor("x") };
    const f = ({ x }) => tf.losses.softmaxCrossEntropy(labels, x);
    const cotangent = tensor("dloss");
    return { forward: () => f(inputs), ...derivatives(f, cotangent, inputs) };
  },
  gelu(_, tensor) {
    const inputs = { x: tensor("x") };
    const f = ({ x }) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    return { forward: () => f(inputs), ...derivatives(f, tensor("dy"), inputs) };
  },
  attention({ D }, tensor) {
    const inputs = { q: tensor("q"), k: tensor("k"), v: tensor("v") };
    const f = ({ q, k, v }) => {
      const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(D));
      return tf.matMul(tf.softmax(scores), v);
    };
    return { forward: () => f(inputs), ...derivatives(f, tensor("dy"), inputs) };
  },
};
