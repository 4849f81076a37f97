/** Whole shaders as they are generated, one a kind of kernel, to be read; what all of them compute is tested by values. */
import { expect, it } from "vitest";
import { shaderOf } from "./support.js";

it("linear: a tile of the matrix product, its bias added", async () => {
  expect(await shaderOf("linear", "forwardZTile8")).toMatchInlineSnapshot(`
    "// z[n, k] = sum[c](x[n, c] * w[c, k]) + b[k]
    // gemm: x·w

    struct Plan { rowTilesOf32: i32, columnTilesOf32: i32, N: i32, C: i32, K: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> x: array<f32>;
    @group(0) @binding(2) var<storage, read> w: array<f32>;
    @group(0) @binding(3) var<storage, read> b2: array<f32>;
    @group(0) @binding(4) var<storage, read_write> z: array<f32>;
    var<workgroup> tileRows: array<vec4<f32>, 64>;
    var<workgroup> tileColumns: array<vec4<f32>, 64>;

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
      let point = i32(group.x + group.y * groups.x);
      if (point >= plan.rowTilesOf32 * plan.columnTilesOf32) {
        return;
      }
      let rowTile = point / plan.columnTilesOf32;
      let columnTile = point % plan.columnTilesOf32;
      let lane = i32(local);
      var sums0 = vec4<f32>();
      var sums1 = vec4<f32>();
      var sums2 = vec4<f32>();
      var sums3 = vec4<f32>();
      let laneRow = lane / 8;
      let laneColumn = (lane % 8);
      let row = min(plan.N - 1, 4 * laneRow + 32 * rowTile);
      let x_at = row * plan.C;
      let row_2 = min(plan.N - 1, 4 * laneRow + 32 * rowTile + 1);
      let x_at_2 = row_2 * plan.C;
      let row_3 = min(plan.N - 1, 4 * laneRow + 32 * rowTile + 2);
      let x_at_3 = row_3 * plan.C;
      let row_4 = min(plan.N - 1, 4 * laneRow + 32 * rowTile + 3);
      let x_at_4 = row_4 * plan.C;
      let slot = 8 * laneColumn + laneRow;
      let column = min(plan.K - 1, 32 * columnTile + 4 * laneColumn);
      let column_2 = min(plan.K - 1, 32 * columnTile + 4 * laneColumn + 1);
      let column_3 = min(plan.K - 1, 32 * columnTile + 4 * laneColumn + 2);
      let column_4 = min(plan.K - 1, 32 * columnTile + 4 * laneColumn + 3);
      let slot_2 = laneColumn + 8 * laneRow;
      for (var k0 = 0; k0 < plan.C; k0 += 8) {
        let k = k0 + laneColumn;
        let x0 = select(0.0, x[k + x_at], k < plan.C);
        let x1 = select(0.0, x[k + x_at_2], k < plan.C);
        let x2 = select(0.0, x[k + x_at_3], k < plan.C);
        let x3 = select(0.0, x[k + x_at_4], k < plan.C);
        tileRows[slot] = vec4<f32>(x0, x1, x2, x3);
        let k_2 = k0 + laneRow;
        let w0 = select(0.0, w[k_2 * plan.K + column], k_2 < plan.C);
        let w1 = select(0.0, w[k_2 * plan.K + column_2], k_2 < plan.C);
        let w2 = select(0.0, w[k_2 * plan.K + column_3], k_2 < plan.C);
        let w3 = select(0.0, w[k_2 * plan.K + column_4], k_2 < plan.C);
        tileColumns[slot_2] = vec4<f32>(w0, w1, w2, w3);
        workgroupBarrier();
        {
          var part0 = vec4<f32>();
          var part1 = vec4<f32>();
          var part2 = vec4<f32>();
          var part3 = vec4<f32>();
          for (var k = 0; k < 8; k++) {
            let a = tileRows[k * 8 + laneRow];
            let b = tileColumns[k * 8 + laneColumn];
            part0 += a.x * b;
            part1 += a.y * b;
            part2 += a.z * b;
            part3 += a.w * b;
          }
          sums0 += part0;
          sums1 += part1;
          sums2 += part2;
          sums3 += part3;
        }
        workgroupBarrier();
      }
      var sums = array<f32, 16>(sums0.x, sums0.y, sums0.z, sums0.w, sums1.x, sums1.y, sums1.z, sums1.w, sums2.x, sums2.y, sums2.z, sums2.w, sums3.x, sums3.y, sums3.z, sums3.w);
      let rows = min(plan.N - 4 * laneRow - 32 * rowTile, 4);
      let columns = min(plan.K - 32 * columnTile - 4 * laneColumn, 4);
      for (var i = 0; i < rows; i++) {
        let row_5 = i + 4 * laneRow + 32 * rowTile;
        let z_at = row_5 * plan.K;
        for (var j = 0; j < columns; j++) {
          let column_5 = 32 * columnTile + j + 4 * laneColumn;
          let sum = sums[4 * i + j];
          z[column_5 + z_at] = sum + b2[column_5];
        }
      }
    }
    "
  `);
});
it("conv2d: a thread for each point", async () => {
  expect(await shaderOf("conv2d", "forwardZ")).toMatchInlineSnapshot(`
    "// z[n, k, p, q] = sum[c, r, s](x[n, c, p*stride + r*dilation - pad, q*stride + s*dilation - pad] * w[k, c, r, s]) + b[k]
    // conv: x with the kernel w, stride = stride, dilation = dilation, pad = pad

    struct Plan { N: i32, K: i32, P: i32, Q: i32, stride: i32, pad: i32, dilation: i32, H: i32, R: i32, W: i32, S: i32, C: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> x: array<f32>;
    @group(0) @binding(2) var<storage, read> w: array<f32>;
    @group(0) @binding(3) var<storage, read> b2: array<f32>;
    @group(0) @binding(4) var<storage, read_write> z: array<f32>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.N * plan.K * plan.P * plan.Q) {
        return;
      }
      let n = point / (plan.K * plan.P * plan.Q);
      let k = point / (plan.P * plan.Q) % plan.K;
      let p = point / plan.Q % plan.P;
      let q = point % plan.Q;
      var sum = 0.0;
      let rFrom = max(0, -floorDivide(p * plan.stride - plan.pad, plan.dilation));
      let rTo = min(floorDivide(plan.H + plan.pad - p * plan.stride - 1, plan.dilation) + 1, plan.R);
      let sFrom = max(0, -floorDivide(q * plan.stride - plan.pad, plan.dilation));
      let sTo = min(floorDivide(plan.W + plan.pad - q * plan.stride - 1, plan.dilation) + 1, plan.S);
      for (var c = 0; c < plan.C; c++) {
        for (var r = rFrom; r < rTo; r++) {
          let x_at = ((n * plan.C + c) * plan.H + r * plan.dilation + p * plan.stride - plan.pad) * plan.W + q * plan.stride - plan.pad;
          let w_at = ((k * plan.C + c) * plan.R + r) * plan.S;
          for (var s = sFrom; s < sTo; s++) {
            sum += x[s * plan.dilation + x_at] * w[s + w_at];
          }
        }
      }
      z[((n * plan.K + k) * plan.P + p) * plan.Q + q] = sum + b2[k];
    }

    // ⌊a / b⌋; WGSL's own division rounds towards zero.
    fn floorDivide(a: i32, b: i32) -> i32 {
      let quotient = a / b;
      return select(quotient, quotient - 1, (a % b != 0) & ((a < 0) != (b < 0)));
    }
    "
  `);
});
it("conv2d: the weight gradient, its parts added", async () => {
  expect(await shaderOf("conv2d", "gradientWWhole")).toMatchInlineSnapshot(`
    "// dw[k, c, r, s] = sum[n, p, q](dz[n, k, p, q] * x[n, c, r*dilation + p*stride - pad, s*dilation + q*stride - pad])
    // conv-weight-gradient: x with the kernel dz, stride = dilation, dilation = stride, pad = pad

    struct Plan { K: i32, C: i32, R: i32, S: i32, parts_3: i32, dilation: i32, pad: i32, stride: i32, H: i32, P: i32, W: i32, Q: i32, N: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> gradientWSums: array<f32>;
    @group(0) @binding(2) var<storage, read> dz: array<f32>;
    @group(0) @binding(3) var<storage, read> x: array<f32>;
    @group(0) @binding(4) var<storage, read_write> dw: array<f32>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.K * plan.C * plan.R * plan.S) {
        return;
      }
      let k = point / (plan.C * plan.R * plan.S);
      let c = point / (plan.R * plan.S) % plan.C;
      let r = point / plan.S % plan.R;
      let s = point % plan.S;
      var sum = 0.0;
      for (var part4 = 0; part4 < plan.parts_3; part4++) {
        sum += gradientWSums[(((part4 * plan.K + k) * plan.C + c) * plan.R + r) * plan.S + s];
      }
      // a zero in the place of a point out of bounds may have met an infinity
      if (!(sum == sum)) {
        var sum_2 = 0.0;
        let pFrom = max(0, -floorDivide(r * plan.dilation - plan.pad, plan.stride));
        let pTo = min(floorDivide(plan.H + plan.pad - r * plan.dilation - 1, plan.stride) + 1, plan.P);
        let qFrom = max(0, -floorDivide(s * plan.dilation - plan.pad, plan.stride));
        let qTo = min(floorDivide(plan.W + plan.pad - s * plan.dilation - 1, plan.stride) + 1, plan.Q);
        for (var n = 0; n < plan.N; n++) {
          for (var p = pFrom; p < pTo; p++) {
            let dz_at = ((n * plan.K + k) * plan.P + p) * plan.Q;
            let x_at = ((n * plan.C + c) * plan.H + r * plan.dilation + p * plan.stride - plan.pad) * plan.W + s * plan.dilation - plan.pad;
            for (var q = qFrom; q < qTo; q++) {
              sum_2 += dz[dz_at + q] * x[q * plan.stride + x_at];
            }
          }
        }
        sum = sum_2;
      }
      dw[((k * plan.C + c) * plan.R + r) * plan.S + s] = sum;
    }

    // ⌊a / b⌋; WGSL's own division rounds towards zero.
    fn floorDivide(a: i32, b: i32) -> i32 {
      let quotient = a / b;
      return select(quotient, quotient - 1, (a % b != 0) & ((a < 0) != (b < 0)));
    }
    "
  `);
});
it("softmax: a row shared by a workgroup", async () => {
  expect(await shaderOf("softmax", "forwardYRows")).toMatchInlineSnapshot(`
    "// m[n] = max[c](x[n, c])
    // u[n, c] = exp(x[n, c] - m[n])
    // total[n] = sum[c](u[n, c])
    // y[n, c] = u[n, c] / total[n]
    // pointwise; pointwise

    struct Plan { N: i32, C: i32, inf: f32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> x: array<f32>;
    @group(0) @binding(2) var<storage, read_write> u: array<f32>;
    @group(0) @binding(3) var<storage, read_write> y: array<f32>;
    var<workgroup> partials: array<f32, 128>;

    @compute @workgroup_size(128)
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
      let point = i32(group.x + group.y * groups.x);
      if (point >= plan.N) {
        return;
      }
      let n = point;
      let lane = i32(local);
      var best = -plan.inf;
      let x_at = n * plan.C;
      for (var c = lane; c < plan.C; c += 128) {
        let value = x[c + x_at];
        best = select(best, value, (best < value) | (!(value == value)));
      }
      best = combineMax(lane, best);
      let m_row = best;
      var sum = 0.0;
      for (var c_2 = lane; c_2 < plan.C; c_2 += 128) {
        let u_here = exp(x[c_2 + x_at] - m_row);
        u[c_2 + x_at] = u_here;
        sum += u_here;
      }
      sum = combineSum(lane, sum);
      let total_row = sum;
      storageBarrier();
      for (var c_3 = lane; c_3 < plan.C; c_3 += 128) {
        y[c_3 + x_at] = u[c_3 + x_at] / total_row;
      }
    }

    // The values of all threads as one, by a tree.
    fn combineSum(lane: i32, value: f32) -> f32 {
      partials[lane] = value;
      workgroupBarrier();
      for (var step = 64; step > 0; step /= 2) {
        if (lane < step) {
          partials[lane] = partials[lane] + partials[lane + step];
        }
        workgroupBarrier();
      }
      let all = partials[0];
      workgroupBarrier();
      return all;
    }

    // The values of all threads as one, by a tree.
    fn combineMax(lane: i32, value: f32) -> f32 {
      partials[lane] = value;
      workgroupBarrier();
      for (var step = 64; step > 0; step /= 2) {
        if (lane < step) {
          partials[lane] = select(partials[lane + step], partials[lane], (partials[lane] > partials[lane + step]) | !(partials[lane] == partials[lane]));
        }
        workgroupBarrier();
      }
      let all = partials[0];
      workgroupBarrier();
      return all;
    }
    "
  `);
});
it("batch norm: the data gradient", async () => {
  expect(await shaderOf("batch_norm1d", "gradientX")).toMatchInlineSnapshot(`
    "// dx[n, c] = w[c] * rstd[c] * (dy[n, c] - sum_drstd[c] * rstd[c]^2 * (x[n, c] - mu[c]) / N - sum_dmu[c] / N)
    // pointwise

    struct Plan { N: i32, C: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> w: array<f32>;
    @group(0) @binding(2) var<storage, read> rstd: array<f32>;
    @group(0) @binding(3) var<storage, read> dy: array<f32>;
    @group(0) @binding(4) var<storage, read> sum_drstd: array<f32>;
    @group(0) @binding(5) var<storage, read> x: array<f32>;
    @group(0) @binding(6) var<storage, read> mu: array<f32>;
    @group(0) @binding(7) var<storage, read> sum_dmu: array<f32>;
    @group(0) @binding(8) var<storage, read_write> dx: array<f32>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.N * plan.C) {
        return;
      }
      let n = point / plan.C;
      let c = point % plan.C;
      dx[n * plan.C + c] = w[c] * rstd[c] * (dy[n * plan.C + c] - sum_drstd[c] * square(rstd[c]) * (x[n * plan.C + c] - mu[c]) / f32(plan.N) - sum_dmu[c] / f32(plan.N));
    }

    // u².
    fn square(u: f32) -> f32 {
      return u * u;
    }
    "
  `);
});
it("max pooling: the gradient gathers over the windows that hold the element", async () => {
  expect(await shaderOf("max_pool2d", "gradientX")).toMatchInlineSnapshot(`
    "// dx[n, c, h, w] = sum[r < R, s < S](where(r*S + s == argmax_y[n, c, (h - r*dilation + pad)/stride, (w - s*dilation + pad)/stride], dy[n, c, (h - r*dilation + pad)/stride, (w - s*dilation + pad)/stride], 0))
    // unpooling

    struct Plan { C: i32, N: i32, H: i32, W: i32, pad: i32, common2: i32, P: i32, stride: i32, dilation: i32, modularInverse: i32, step2: i32, R: i32, Q: i32, S: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> argmax_y: array<i32>;
    @group(0) @binding(2) var<storage, read> dy: array<f32>;
    @group(0) @binding(3) var<storage, read_write> dx: array<f32>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.C * plan.N * plan.H * plan.W) {
        return;
      }
      let nc = point / (plan.H * plan.W);
      let h = point / plan.W % plan.H;
      let w = point % plan.W;
      var sum = 0.0;
      let remainder = modulo(-h - plan.pad, plan.common2);
      let remainder_2 = modulo(-w - plan.pad, plan.common2);
      if (remainder == 0 && remainder_2 == 0) {
        let rLeast = max(0, -floorDivide((plan.P - 1) * plan.stride - h - plan.pad, plan.dilation));
        let rFrom = rLeast + modulo((h + plan.pad) / plan.common2 * plan.modularInverse - rLeast, plan.step2);
        let rTo = min(floorDivide(h + plan.pad, plan.dilation) + 1, plan.R);
        let sLeast = max(0, -floorDivide((plan.Q - 1) * plan.stride - w - plan.pad, plan.dilation));
        let sFrom = sLeast + modulo((w + plan.pad) / plan.common2 * plan.modularInverse - sLeast, plan.step2);
        let sTo = min(floorDivide(w + plan.pad, plan.dilation) + 1, plan.S);
        for (var r = rFrom; r < rTo; r += plan.step2) {
          let p = (h + plan.pad - r * plan.dilation) / plan.stride;
          let argmax_y_at = (nc * plan.P + p) * plan.Q;
          for (var s = sFrom; s < sTo; s += plan.step2) {
            let q = (w + plan.pad - s * plan.dilation) / plan.stride;
            let argmax_y_value = argmax_y[argmax_y_at + q];
            if (r * plan.S + s == argmax_y_value) {
              sum += dy[argmax_y_at + q];
            }
          }
        }
      }
      dx[(nc * plan.H + h) * plan.W + w] = sum;
    }

    // ⌊a / b⌋; WGSL's own division rounds towards zero.
    fn floorDivide(a: i32, b: i32) -> i32 {
      let quotient = a / b;
      return select(quotient, quotient - 1, (a % b != 0) & ((a < 0) != (b < 0)));
    }

    // a - b ⌊a / b⌋: the sign is b's.
    fn modulo(a: i32, b: i32) -> i32 {
      return a - b * floorDivide(a, b);
    }
    "
  `);
});
it("depthwise convolution: four results a thread", async () => {
  expect(await shaderOf("depthwise_conv2d", "forwardZStrip")).toMatchInlineSnapshot(`
    "// z[n, c, p, q] = sum[r, s](x[n, c, p*stride + r*dilation - pad, q*stride + s*dilation - pad] * w[c, r, s]) + b[c]
    // depthwise-conv: x with the kernel w, stride = stride, dilation = dilation, pad = pad, C groups

    struct Plan { N: i32, C: i32, P: i32, strips: i32, Q: i32, pad: i32, stride: i32, R: i32, dilation: i32, H: i32, W: i32, S: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> w: array<f32>;
    @group(0) @binding(2) var<storage, read> x: array<f32>;
    @group(0) @binding(3) var<storage, read> b2: array<f32>;
    @group(0) @binding(4) var<storage, read_write> z: array<f32>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.N * plan.C * plan.P * plan.strips) {
        return;
      }
      let n = point / (plan.C * plan.P * plan.strips);
      let c = point / (plan.P * plan.strips) % plan.C;
      let p = point / plan.strips % plan.P;
      let strip = point % plan.strips;
      let q0 = 4 * strip;
      let q1 = min(plan.Q - 1, 4 * strip + 1);
      let q2 = min(plan.Q - 1, 4 * strip + 2);
      let q3 = min(plan.Q - 1, 4 * strip + 3);
      var sum0 = 0.0;
      var sum1 = 0.0;
      var sum2 = 0.0;
      var sum3 = 0.0;
      let begin0 = q0 * plan.stride - plan.pad;
      let begin1 = q1 * plan.stride - plan.pad;
      let begin2 = q2 * plan.stride - plan.pad;
      let begin3 = q3 * plan.stride - plan.pad;
      for (var r = 0; r < plan.R; r++) {
        if (plan.pad <= r * plan.dilation + p * plan.stride && r * plan.dilation + p * plan.stride < plan.H + plan.pad) {
          let x_row = ((n * plan.C + c) * plan.H + r * plan.dilation + p * plan.stride - plan.pad) * plan.W;
          let w_at = (c * plan.R + r) * plan.S;
          let x_at = begin0 + x_row;
          let x_at_2 = begin1 + x_row;
          let x_at_3 = begin2 + x_row;
          let x_at_4 = begin3 + x_row;
          for (var s = 0; s < plan.S; s++) {
            let wHere = w[s + w_at];
            sum0 += select(0.0, x[s * plan.dilation + x_at] * wHere, (0 <= begin0 + s * plan.dilation) & (begin0 + s * plan.dilation < plan.W));
            sum1 += select(0.0, x[s * plan.dilation + x_at_2] * wHere, (0 <= begin1 + s * plan.dilation) & (begin1 + s * plan.dilation < plan.W));
            sum2 += select(0.0, x[s * plan.dilation + x_at_3] * wHere, (0 <= begin2 + s * plan.dilation) & (begin2 + s * plan.dilation < plan.W));
            sum3 += select(0.0, x[s * plan.dilation + x_at_4] * wHere, (0 <= begin3 + s * plan.dilation) & (begin3 + s * plan.dilation < plan.W));
          }
        }
      }
      let z_row = ((n * plan.C + c) * plan.P + p) * plan.Q;
      z[q0 + z_row] = sum0 + b2[c];
      z[q1 + z_row] = sum1 + b2[c];
      z[q2 + z_row] = sum2 + b2[c];
      z[q3 + z_row] = sum3 + b2[c];
    }
    "
  `);
});
it("embedding: each row of the gradient adds the points of its bucket", async () => {
  expect(await shaderOf("embedding", "gradientTableBuckets")).toMatchInlineSnapshot(`
    "// dtable[v, d] = sum[n, l](where(t[n, l] == v, dy[n, l, d], 0))
    // scatter

    struct Plan { V: i32, D: i32, L: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> gradientTableStarts: array<i32>;
    @group(0) @binding(2) var<storage, read> gradientTableOrder: array<i32>;
    @group(0) @binding(3) var<storage, read> dy: array<f32>;
    @group(0) @binding(4) var<storage, read_write> dtable: array<f32>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.V * plan.D) {
        return;
      }
      let v = point / plan.D;
      let d = point % plan.D;
      let from2 = gradientTableStarts[v];
      let to = gradientTableStarts[v + 1];
      var sum = 0.0;
      for (var first = from2; first < to; first += 256) {
        var some = 0.0;
        let atEnd = min(to, first + 256);
        for (var at = first; at < atEnd; at++) {
          let place = gradientTableOrder[at];
          let n = floorDivide(place, plan.L);
          let l = place - n * plan.L;
          some += dy[(n * plan.L + l) * plan.D + d];
        }
        sum += some;
      }
      dtable[v * plan.D + d] = sum;
    }

    // ⌊a / b⌋; WGSL's own division rounds towards zero.
    fn floorDivide(a: i32, b: i32) -> i32 {
      let quotient = a / b;
      return select(quotient, quotient - 1, (a % b != 0) & ((a < 0) != (b < 0)));
    }
    "
  `);
});
it("embedding: the gradient gathers over the index tensor", async () => {
  expect(await shaderOf("embedding", "gradientTable")).toMatchInlineSnapshot(`
    "// dtable[v, d] = sum[n, l](where(t[n, l] == v, dy[n, l, d], 0))
    // scatter

    struct Plan { V: i32, D: i32, L: i32, N: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> t: array<i32>;
    @group(0) @binding(2) var<storage, read> dy: array<f32>;
    @group(0) @binding(3) var<storage, read_write> dtable: array<f32>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.V * plan.D) {
        return;
      }
      let v = point / plan.D;
      let d = point % plan.D;
      var sum = 0.0;
      let nlEnd = plan.L * plan.N;
      for (var nl = 0; nl < nlEnd; nl++) {
        let t_value = t[nl];
        if (t_value == v) {
          sum += dy[nl * plan.D + d];
        }
      }
      dtable[v * plan.D + d] = sum;
    }
    "
  `);
});

it("linear: the bias gradient, four columns a thread", async () => {
  expect(await shaderOf("linear", "gradientBPartsQuads")).toMatchInlineSnapshot(`
    "// db[k] = sum[n](dz[n, k])
    // each slice by itself
    // four points a thread

    struct Plan { parts_4: i32, quads: i32, N: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> dz: array<vec4<f32>>;
    @group(0) @binding(2) var<storage, read_write> gradientBParts: array<vec4<f32>>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.parts_4 * plan.quads) {
        return;
      }
      let slice = point / plan.quads;
      let k4 = point % plan.quads;
      var sum = vec4<f32>(0.0);
      for (var n = slice; n < plan.N; n += plan.parts_4) {
        sum += dz[k4 + n * plan.quads];
      }
      gradientBParts[k4 + slice * plan.quads] = sum;
    }
    "
  `);
});

it("swish: four points a thread", async () => {
  expect(await shaderOf("silu", "forwardYQuads")).toMatchInlineSnapshot(`
    "// y[n] = x[n] * sigmoid(x[n])
    // four points a thread
    // pointwise

    struct Plan { quads: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
    @group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.quads) {
        return;
      }
      let n4 = point;
      y[n4] = x[n4] * sigmoid4(x[n4]);
    }

    // 1 / (1 + exp(-u)); exp is only taken of what is at most 0, so nothing overflows.
    fn sigmoid(u: f32) -> f32 {
      let power = exp(-abs(u));
      return select(power, 1.0, u >= 0.0) / (1.0 + power);
    }

    // sigmoid of each lane.
    fn sigmoid4(u: vec4<f32>) -> vec4<f32> {
      return vec4<f32>(sigmoid(u.x), sigmoid(u.y), sigmoid(u.z), sigmoid(u.w));
    }
    "
  `);
});
