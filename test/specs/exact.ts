/** Layers whose values and gradients of small integers are integers. */
export const exact: ReadonlySet<string> = new Set(
  [
    "linear linear_oi linear_relu matmul bmm conv1d conv1d_pointwise conv2d_unit conv2d conv2d_relu conv2d_nhwc",
    "conv3d depthwise_conv2d grouped_conv2d conv_transpose2d max_pool2d global_max flatten embedding relu",
  ].flatMap((line) => line.split(" ")),
);
