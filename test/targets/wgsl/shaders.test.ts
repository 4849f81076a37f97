/** Whole shaders, as they are generated. */
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
it("linear: the data gradient, both operands by vectors along the depth", async () => {
  expect(await shaderOf("linear", "gradientXTile8Vectors")).toMatchInlineSnapshot(`
    "// dx[n, c] = sum[k](dz[n, k] * w[c, k])
    // gemm: dz·wᵀ

    struct Plan { rowTilesOf32: i32, columnTilesOf32_2: i32, N: i32, K: i32, C: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> dz: array<vec4<f32>>;
    @group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
    @group(0) @binding(3) var<storage, read_write> dx: array<f32>;
    var<workgroup> tileRows: array<vec4<f32>, 64>;
    var<workgroup> tileColumns: array<vec4<f32>, 64>;

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
      let point = i32(group.x + group.y * groups.x);
      if (point >= plan.rowTilesOf32 * plan.columnTilesOf32_2) {
        return;
      }
      let rowTile = point / plan.columnTilesOf32_2;
      let columnTile = point % plan.columnTilesOf32_2;
      let lane = i32(local);
      var sums0 = vec4<f32>();
      var sums1 = vec4<f32>();
      var sums2 = vec4<f32>();
      var sums3 = vec4<f32>();
      let laneRow = lane / 8;
      let laneColumn = (lane % 8);
      let laneOutput = lane / 2;
      let laneDepth = (lane % 2);
      let slot = 32 * laneDepth + laneOutput / 4 + 8 * (laneOutput % 4);
      let row = min(plan.N - 1, laneOutput + 32 * rowTile);
      let dz_at = row * plan.K;
      let column = min(plan.C - 1, 32 * columnTile + laneOutput);
      let w_at = column * plan.K;
      for (var k0 = 0; k0 < plan.K; k0 += 8) {
        let k = k0 + 4 * laneDepth;
        if (k < plan.K) {
          let dz_four = dz[(dz_at + k) / 4];
          tileRows[slot] = dz_four;
        } else {
          tileRows[slot] = vec4<f32>(0.0);
        }
        if (k < plan.K) {
          let w_four = w[(k + w_at) / 4];
          tileColumns[slot] = w_four;
        } else {
          tileColumns[slot] = vec4<f32>(0.0);
        }
        workgroupBarrier();
        {
          var part0 = vec4<f32>();
          var part1 = vec4<f32>();
          var part2 = vec4<f32>();
          var part3 = vec4<f32>();
          for (var k = 0; k < 8; k += 4) {
            let a = mat4x4<f32>(tileRows[k * 8 + laneRow], tileRows[(k + 1) * 8 + laneRow], tileRows[(k + 2) * 8 + laneRow], tileRows[(k + 3) * 8 + laneRow]);
            let b = mat4x4<f32>(tileColumns[k * 8 + laneColumn], tileColumns[(k + 1) * 8 + laneColumn], tileColumns[(k + 2) * 8 + laneColumn], tileColumns[(k + 3) * 8 + laneColumn]);
            part0 += a[0] * b;
            part1 += a[1] * b;
            part2 += a[2] * b;
            part3 += a[3] * b;
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
      let columns = min(plan.C - 32 * columnTile - 4 * laneColumn, 4);
      for (var i = 0; i < rows; i++) {
        let row_2 = i + 4 * laneRow + 32 * rowTile;
        let dx_at = row_2 * plan.C;
        for (var j = 0; j < columns; j++) {
          let column_2 = 32 * columnTile + j + 4 * laneColumn;
          dx[column_2 + dx_at] = sums[4 * i + j];
        }
      }
    }
    "
  `);
});
it("linear: the same without shared memory", async () => {
  expect(await shaderOf("linear", "forwardZDirect")).toMatchInlineSnapshot(`
    "// z[n, k] = sum[c](x[n, c] * w[c, k]) + b[k]
    // gemm: x·w

    struct Plan { rowTilesOf4: i32, columnTilesOf4: i32, C: i32, N: i32, K: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> x: array<f32>;
    @group(0) @binding(2) var<storage, read> w: array<f32>;
    @group(0) @binding(3) var<storage, read> b2: array<f32>;
    @group(0) @binding(4) var<storage, read_write> z: array<f32>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.rowTilesOf4 * plan.columnTilesOf4) {
        return;
      }
      let rowTile = point / plan.columnTilesOf4;
      let columnTile = point % plan.columnTilesOf4;
      var sums0 = vec4<f32>();
      var sums1 = vec4<f32>();
      var sums2 = vec4<f32>();
      var sums3 = vec4<f32>();
      let cEnd = 4 * (plan.C / 4);
      let row = min(plan.N - 1, 4 * rowTile);
      let x_at = row * plan.C;
      let row_2 = min(plan.N - 1, 4 * rowTile + 1);
      let x_at_2 = row_2 * plan.C;
      let row_3 = min(plan.N - 1, 4 * rowTile + 2);
      let x_at_3 = row_3 * plan.C;
      let row_4 = min(plan.N - 1, 4 * rowTile + 3);
      let x_at_4 = row_4 * plan.C;
      let column = min(plan.K - 1, 4 * columnTile);
      let column_2 = min(plan.K - 1, 4 * columnTile + 1);
      let column_3 = min(plan.K - 1, 4 * columnTile + 2);
      let column_4 = min(plan.K - 1, 4 * columnTile + 3);
      for (var c = 0; c < cEnd; c += 4) {
        let c_2 = c + 1;
        let c_3 = c + 2;
        let c_4 = c + 3;
        let x0 = x[c + x_at];
        let x1 = x[c + x_at_2];
        let x2 = x[c + x_at_3];
        let x3 = x[c + x_at_4];
        let w0 = w[c * plan.K + column];
        let w1 = w[c * plan.K + column_2];
        let w2 = w[c * plan.K + column_3];
        let w3 = w[c * plan.K + column_4];
        let x0_2 = x[c_2 + x_at];
        let x1_2 = x[c_2 + x_at_2];
        let x2_2 = x[c_2 + x_at_3];
        let x3_2 = x[c_2 + x_at_4];
        let w0_2 = w[c_2 * plan.K + column];
        let w1_2 = w[c_2 * plan.K + column_2];
        let w2_2 = w[c_2 * plan.K + column_3];
        let w3_2 = w[c_2 * plan.K + column_4];
        let x0_3 = x[c_3 + x_at];
        let x1_3 = x[c_3 + x_at_2];
        let x2_3 = x[c_3 + x_at_3];
        let x3_3 = x[c_3 + x_at_4];
        let w0_3 = w[c_3 * plan.K + column];
        let w1_3 = w[c_3 * plan.K + column_2];
        let w2_3 = w[c_3 * plan.K + column_3];
        let w3_3 = w[c_3 * plan.K + column_4];
        let x0_4 = x[c_4 + x_at];
        let x1_4 = x[c_4 + x_at_2];
        let x2_4 = x[c_4 + x_at_3];
        let x3_4 = x[c_4 + x_at_4];
        let w0_4 = w[c_4 * plan.K + column];
        let w1_4 = w[c_4 * plan.K + column_2];
        let w2_4 = w[c_4 * plan.K + column_3];
        let w3_4 = w[c_4 * plan.K + column_4];
        sums0 += x0 * vec4<f32>(w0, w1, w2, w3) + x0_2 * vec4<f32>(w0_2, w1_2, w2_2, w3_2) + x0_3 * vec4<f32>(w0_3, w1_3, w2_3, w3_3) + x0_4 * vec4<f32>(w0_4, w1_4, w2_4, w3_4);
        sums1 += x1 * vec4<f32>(w0, w1, w2, w3) + x1_2 * vec4<f32>(w0_2, w1_2, w2_2, w3_2) + x1_3 * vec4<f32>(w0_3, w1_3, w2_3, w3_3) + x1_4 * vec4<f32>(w0_4, w1_4, w2_4, w3_4);
        sums2 += x2 * vec4<f32>(w0, w1, w2, w3) + x2_2 * vec4<f32>(w0_2, w1_2, w2_2, w3_2) + x2_3 * vec4<f32>(w0_3, w1_3, w2_3, w3_3) + x2_4 * vec4<f32>(w0_4, w1_4, w2_4, w3_4);
        sums3 += x3 * vec4<f32>(w0, w1, w2, w3) + x3_2 * vec4<f32>(w0_2, w1_2, w2_2, w3_2) + x3_3 * vec4<f32>(w0_3, w1_3, w2_3, w3_3) + x3_4 * vec4<f32>(w0_4, w1_4, w2_4, w3_4);
      }
      for (var c_5 = cEnd; c_5 < plan.C; c_5++) {
        let x0_5 = x[c_5 + x_at];
        let x1_5 = x[c_5 + x_at_2];
        let x2_5 = x[c_5 + x_at_3];
        let x3_5 = x[c_5 + x_at_4];
        let w0_5 = w[c_5 * plan.K + column];
        let w1_5 = w[c_5 * plan.K + column_2];
        let w2_5 = w[c_5 * plan.K + column_3];
        let w3_5 = w[c_5 * plan.K + column_4];
        sums0 += x0_5 * vec4<f32>(w0_5, w1_5, w2_5, w3_5);
        sums1 += x1_5 * vec4<f32>(w0_5, w1_5, w2_5, w3_5);
        sums2 += x2_5 * vec4<f32>(w0_5, w1_5, w2_5, w3_5);
        sums3 += x3_5 * vec4<f32>(w0_5, w1_5, w2_5, w3_5);
      }
      var sums = array<f32, 16>(sums0.x, sums0.y, sums0.z, sums0.w, sums1.x, sums1.y, sums1.z, sums1.w, sums2.x, sums2.y, sums2.z, sums2.w, sums3.x, sums3.y, sums3.z, sums3.w);
      let rows = min(plan.N - 4 * rowTile, 4);
      let columns = min(plan.K - 4 * columnTile, 4);
      for (var i = 0; i < rows; i++) {
        let row_5 = i + 4 * rowTile;
        let z_at = row_5 * plan.K;
        for (var j = 0; j < columns; j++) {
          let column_5 = 4 * columnTile + j;
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
it("conv2d: the data gradient, a phase of the stride in each workgroup", async () => {
  expect(await shaderOf("conv2d", "gradientXTile8")).toMatchInlineSnapshot(`
    "// dx[n, c, h, w] = sum[k, r, s](dz[n, k, (h - r*dilation + pad)/stride, (w - s*dilation + pad)/stride] * w[k, c, r, s])
    // conv-data-gradient: dz with the kernel w rotated, stride = stride, dilation = dilation, pad = ((R - 1)*dilation - pad, (S - 1)*dilation - pad)

    struct Plan { stride: i32, rowTilesOf32_2: i32, columnTilesOf32_2: i32, pad: i32, common2: i32, modularInverse: i32, step2: i32, R: i32, dilation: i32, H: i32, S: i32, W: i32, K: i32, C: i32, N: i32, P: i32, Q: i32, step_2: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> w: array<f32>;
    @group(0) @binding(2) var<storage, read> dz: array<f32>;
    @group(0) @binding(3) var<storage, read_write> dx: array<f32>;
    var<workgroup> tileRows: array<vec4<f32>, 64>;
    var<workgroup> tileColumns: array<vec4<f32>, 64>;

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
      let point = i32(group.x + group.y * groups.x);
      if (point >= plan.stride * plan.stride * plan.rowTilesOf32_2 * plan.columnTilesOf32_2) {
        return;
      }
      let phase = point / (plan.stride * plan.rowTilesOf32_2 * plan.columnTilesOf32_2);
      let phase_2 = point / (plan.rowTilesOf32_2 * plan.columnTilesOf32_2) % plan.stride;
      let rowTile = point / plan.columnTilesOf32_2 % plan.rowTilesOf32_2;
      let columnTile = point % plan.columnTilesOf32_2;
      let lane = i32(local);
      let r0 = modulo((phase + plan.pad) / plan.common2 * plan.modularInverse, plan.step2);
      var taps = 0;
      if (modulo(phase + plan.pad, plan.common2) == 0) {
        taps = floorDivide(plan.R - r0 - 1, plan.step2) + 1;
      }
      let h0 = (phase + plan.pad - r0 * plan.dilation) / plan.stride;
      let hCount = floorDivide(plan.H - phase - 1, plan.stride) + 1;
      let s0 = modulo((phase_2 + plan.pad) / plan.common2 * plan.modularInverse, plan.step2);
      var taps_2 = 0;
      if (modulo(phase_2 + plan.pad, plan.common2) == 0) {
        taps_2 = floorDivide(plan.S - s0 - 1, plan.step2) + 1;
      }
      let w0 = (phase_2 + plan.pad - s0 * plan.dilation) / plan.stride;
      let wCount = floorDivide(plan.W - phase_2 - 1, plan.stride) + 1;
      var sums0 = vec4<f32>();
      var sums1 = vec4<f32>();
      var sums2 = vec4<f32>();
      var sums3 = vec4<f32>();
      let laneRow = lane / 8;
      let laneColumn = (lane % 8);
      let depth = taps * taps_2 * plan.K;
      let row = min(plan.C - 1, 4 * laneColumn + 32 * rowTile);
      let w_at = (row * plan.R + r0) * plan.S + s0;
      let row_2 = min(plan.C - 1, 4 * laneColumn + 32 * rowTile + 1);
      let w_at_2 = (row_2 * plan.R + r0) * plan.S + s0;
      let row_3 = min(plan.C - 1, 4 * laneColumn + 32 * rowTile + 2);
      let w_at_3 = (row_3 * plan.R + r0) * plan.S + s0;
      let row_4 = min(plan.C - 1, 4 * laneColumn + 32 * rowTile + 3);
      let w_at_4 = (row_4 * plan.R + r0) * plan.S + s0;
      let slot = laneColumn + 8 * laneRow;
      let columnCount = hCount * wCount * plan.N;
      let column = min(max(0, columnCount - 1), 32 * columnTile + 4 * laneColumn);
      let outer_2 = floorDivide(column, wCount);
      let wInner_2 = column - outer_2 * wCount;
      let n = floorDivide(outer_2, hCount);
      let hInner_2 = outer_2 - hCount * n;
      let dz_at = n * plan.K * plan.P * plan.Q;
      let column_2 = min(32 * columnTile + 4 * laneColumn + 1, max(0, columnCount - 1));
      let outer_3 = floorDivide(column_2, wCount);
      let wInner_3 = column_2 - outer_3 * wCount;
      let n_2 = floorDivide(outer_3, hCount);
      let hInner_3 = outer_3 - hCount * n_2;
      let dz_at_2 = n_2 * plan.K * plan.P * plan.Q;
      let column_3 = min(max(0, columnCount - 1), 32 * columnTile + 4 * laneColumn + 2);
      let outer_4 = floorDivide(column_3, wCount);
      let wInner_4 = column_3 - outer_4 * wCount;
      let n_3 = floorDivide(outer_4, hCount);
      let hInner_4 = outer_4 - hCount * n_3;
      let dz_at_3 = n_3 * plan.K * plan.P * plan.Q;
      let column_4 = min(max(0, columnCount - 1), 32 * columnTile + 4 * laneColumn + 3);
      let outer_5 = floorDivide(column_4, wCount);
      let wInner_5 = column_4 - outer_5 * wCount;
      let n_4 = floorDivide(outer_5, hCount);
      let hInner_5 = outer_5 - hCount * n_4;
      let dz_at_4 = n_4 * plan.K * plan.P * plan.Q;
      for (var k0 = 0; k0 < depth; k0 += 8) {
        let k = k0 + laneRow;
        let outer = floorDivide(k, taps_2);
        let tap_2_2 = k - outer * taps_2;
        let k_2 = floorDivide(outer, taps);
        let tap_3 = outer - k_2 * taps;
        let w0_2 = select(0.0, w[(tap_3 * plan.S + tap_2_2) * plan.step2 + k_2 * plan.C * plan.R * plan.S + w_at], k < depth);
        let w1 = select(0.0, w[(tap_3 * plan.S + tap_2_2) * plan.step2 + k_2 * plan.C * plan.R * plan.S + w_at_2], k < depth);
        let w2 = select(0.0, w[(tap_3 * plan.S + tap_2_2) * plan.step2 + k_2 * plan.C * plan.R * plan.S + w_at_3], k < depth);
        let w3 = select(0.0, w[(tap_3 * plan.S + tap_2_2) * plan.step2 + k_2 * plan.C * plan.R * plan.S + w_at_4], k < depth);
        tileRows[slot] = vec4<f32>(w0_2, w1, w2, w3);
        let p = h0 + hInner_2 - tap_3 * plan.step_2;
        let q = w0 + wInner_2 - tap_2_2 * plan.step_2;
        let dz0 = select(0.0, dz[(k_2 * plan.P + p) * plan.Q + dz_at + q], (k < depth) & (0 <= p) & (p < plan.P) & (0 <= q) & (q < plan.Q));
        let p_2 = h0 + hInner_3 - tap_3 * plan.step_2;
        let q_2 = w0 + wInner_3 - tap_2_2 * plan.step_2;
        let dz1 = select(0.0, dz[(k_2 * plan.P + p_2) * plan.Q + dz_at_2 + q_2], (k < depth) & (0 <= p_2) & (p_2 < plan.P) & (0 <= q_2) & (q_2 < plan.Q));
        let p_3 = h0 + hInner_4 - tap_3 * plan.step_2;
        let q_3 = w0 + wInner_4 - tap_2_2 * plan.step_2;
        let dz2 = select(0.0, dz[(k_2 * plan.P + p_3) * plan.Q + dz_at_3 + q_3], (k < depth) & (0 <= p_3) & (p_3 < plan.P) & (0 <= q_3) & (q_3 < plan.Q));
        let p_4 = h0 + hInner_5 - tap_3 * plan.step_2;
        let q_4 = w0 + wInner_5 - tap_2_2 * plan.step_2;
        let dz3 = select(0.0, dz[(k_2 * plan.P + p_4) * plan.Q + dz_at_4 + q_4], (k < depth) & (0 <= p_4) & (p_4 < plan.P) & (0 <= q_4) & (q_4 < plan.Q));
        tileColumns[slot] = vec4<f32>(dz0, dz1, dz2, dz3);
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
      let rows = min(plan.C - 4 * laneRow - 32 * rowTile, 4);
      let columns = min(columnCount - 32 * columnTile - 4 * laneColumn, 4);
      for (var i = 0; i < rows; i++) {
        let row_5 = i + 4 * laneRow + 32 * rowTile;
        let dx_at = (row_5 * plan.H + phase) * plan.W + phase_2;
        for (var j = 0; j < columns; j++) {
          let column_5 = 32 * columnTile + j + 4 * laneColumn;
          let outer_6 = floorDivide(column_5, wCount);
          let wInner_6 = column_5 - outer_6 * wCount;
          let n_5 = floorDivide(outer_6, hCount);
          let hInner_6 = outer_6 - hCount * n_5;
          dx[(hInner_6 * plan.W + wInner_6) * plan.stride + n_5 * plan.C * plan.H * plan.W + dx_at] = sums[4 * i + j];
        }
      }
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
it("conv2d: the weight gradient, one part of its long sums", async () => {
  expect(await shaderOf("conv2d", "gradientWParts")).toMatchInlineSnapshot(`
    "// dw[k, c, r, s] = sum[n, p, q](dz[n, k, p, q] * x[n, c, r*dilation + p*stride - pad, s*dilation + q*stride - pad])

    struct Plan { parts_3: i32, rowTilesOf32: i32, columnTilesOf32_3: i32, N: i32, P: i32, Q: i32, partDepth_3: i32, K: i32, C: i32, R: i32, S: i32, H: i32, W: i32, dilation: i32, stride: i32, pad: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> dz: array<f32>;
    @group(0) @binding(2) var<storage, read> x: array<f32>;
    @group(0) @binding(3) var<storage, read_write> gradientWSums: array<f32>;
    var<workgroup> tileRows: array<vec4<f32>, 64>;
    var<workgroup> tileColumns: array<vec4<f32>, 64>;

    @compute @workgroup_size(64)
    fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) local: u32) {
      let point = i32(group.x + group.y * groups.x);
      if (point >= plan.parts_3 * plan.rowTilesOf32 * plan.columnTilesOf32_3) {
        return;
      }
      let part4 = point / (plan.rowTilesOf32 * plan.columnTilesOf32_3);
      let rowTile = point / plan.columnTilesOf32_3 % plan.rowTilesOf32;
      let columnTile = point % plan.columnTilesOf32_3;
      let lane = i32(local);
      var sums0 = vec4<f32>();
      var sums1 = vec4<f32>();
      var sums2 = vec4<f32>();
      var sums3 = vec4<f32>();
      let laneRow = lane / 8;
      let laneColumn = (lane % 8);
      let depth = plan.N * plan.P * plan.Q;
      let from2 = part4 * plan.partDepth_3;
      let to = min(depth, from2 + plan.partDepth_3);
      let row = min(plan.K - 1, 4 * laneRow + 32 * rowTile);
      let dz_at = row * plan.P * plan.Q;
      let row_2 = min(plan.K - 1, 4 * laneRow + 32 * rowTile + 1);
      let dz_at_2 = row_2 * plan.P * plan.Q;
      let row_3 = min(plan.K - 1, 4 * laneRow + 32 * rowTile + 2);
      let dz_at_3 = row_3 * plan.P * plan.Q;
      let row_4 = min(plan.K - 1, 4 * laneRow + 32 * rowTile + 3);
      let dz_at_4 = row_4 * plan.P * plan.Q;
      let slot = 8 * laneColumn + laneRow;
      let columnCount = plan.C * plan.R * plan.S;
      let column = min(columnCount - 1, 32 * columnTile + 4 * laneColumn);
      let cr = column / plan.S;
      let s = column - cr * plan.S;
      let c = cr / plan.R;
      let r = cr - c * plan.R;
      let x_at = c * plan.H * plan.W;
      let column_2 = min(columnCount - 1, 32 * columnTile + 4 * laneColumn + 1);
      let cr_2 = column_2 / plan.S;
      let s_2 = column_2 - cr_2 * plan.S;
      let c_2 = cr_2 / plan.R;
      let r_2 = cr_2 - c_2 * plan.R;
      let x_at_2 = c_2 * plan.H * plan.W;
      let column_3 = min(columnCount - 1, 32 * columnTile + 4 * laneColumn + 2);
      let cr_3 = column_3 / plan.S;
      let s_3 = column_3 - cr_3 * plan.S;
      let c_3 = cr_3 / plan.R;
      let r_3 = cr_3 - c_3 * plan.R;
      let x_at_3 = c_3 * plan.H * plan.W;
      let column_4 = min(columnCount - 1, 32 * columnTile + 4 * laneColumn + 3);
      let cr_4 = column_4 / plan.S;
      let s_4 = column_4 - cr_4 * plan.S;
      let c_4 = cr_4 / plan.R;
      let r_4 = cr_4 - c_4 * plan.R;
      let x_at_4 = c_4 * plan.H * plan.W;
      let slot_2 = laneColumn + 8 * laneRow;
      for (var k0 = from2; k0 < to; k0 += 8) {
        let k = k0 + laneColumn;
        let np = floorDivide(k, plan.Q);
        let q = k - np * plan.Q;
        let n = floorDivide(np, plan.P);
        let p = np - n * plan.P;
        let dz0 = select(0.0, dz[(n * plan.K * plan.P + p) * plan.Q + dz_at + q], k < to);
        let dz1 = select(0.0, dz[(n * plan.K * plan.P + p) * plan.Q + dz_at_2 + q], k < to);
        let dz2 = select(0.0, dz[(n * plan.K * plan.P + p) * plan.Q + dz_at_3 + q], k < to);
        let dz3 = select(0.0, dz[(n * plan.K * plan.P + p) * plan.Q + dz_at_4 + q], k < to);
        tileRows[slot] = vec4<f32>(dz0, dz1, dz2, dz3);
        let k_2 = k0 + laneRow;
        let np_2 = floorDivide(k_2, plan.Q);
        let q_2 = k_2 - np_2 * plan.Q;
        let n_2 = floorDivide(np_2, plan.P);
        let p_2 = np_2 - n_2 * plan.P;
        let h = r * plan.dilation + p_2 * plan.stride - plan.pad;
        let w = s * plan.dilation + q_2 * plan.stride - plan.pad;
        let x0 = select(0.0, x[(n_2 * plan.C * plan.H + h) * plan.W + w + x_at], (k_2 < to) & (0 <= h) & (h < plan.H) & (0 <= w) & (w < plan.W));
        let h_2 = r_2 * plan.dilation + p_2 * plan.stride - plan.pad;
        let w_2 = s_2 * plan.dilation + q_2 * plan.stride - plan.pad;
        let x1 = select(0.0, x[(n_2 * plan.C * plan.H + h_2) * plan.W + w_2 + x_at_2], (k_2 < to) & (0 <= h_2) & (h_2 < plan.H) & (0 <= w_2) & (w_2 < plan.W));
        let h_3 = r_3 * plan.dilation + p_2 * plan.stride - plan.pad;
        let w_3 = s_3 * plan.dilation + q_2 * plan.stride - plan.pad;
        let x2 = select(0.0, x[(n_2 * plan.C * plan.H + h_3) * plan.W + w_3 + x_at_3], (k_2 < to) & (0 <= h_3) & (h_3 < plan.H) & (0 <= w_3) & (w_3 < plan.W));
        let h_4 = r_4 * plan.dilation + p_2 * plan.stride - plan.pad;
        let w_4 = s_4 * plan.dilation + q_2 * plan.stride - plan.pad;
        let x3 = select(0.0, x[(n_2 * plan.C * plan.H + h_4) * plan.W + w_4 + x_at_4], (k_2 < to) & (0 <= h_4) & (h_4 < plan.H) & (0 <= w_4) & (w_4 < plan.W));
        tileColumns[slot_2] = vec4<f32>(x0, x1, x2, x3);
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
      let rows = min(plan.K - 4 * laneRow - 32 * rowTile, 4);
      let columns = min(columnCount - 32 * columnTile - 4 * laneColumn, 4);
      for (var i = 0; i < rows; i++) {
        let row_5 = i + 4 * laneRow + 32 * rowTile;
        let dw_at = row_5 * plan.C * plan.R * plan.S;
        for (var j = 0; j < columns; j++) {
          let column_5 = 32 * columnTile + j + 4 * laneColumn;
          let cr_5 = column_5 / plan.S;
          let s_5 = column_5 - cr_5 * plan.S;
          let c_5 = cr_5 / plan.R;
          let r_5 = cr_5 - c_5 * plan.R;
          gradientWSums[((part4 * plan.C * plan.K + c_5) * plan.R + r_5) * plan.S + dw_at + s_5] = sums[4 * i + j];
        }
      }
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

    struct Plan { C: i32, K: i32, R: i32, S: i32, parts_3: i32 }
    @group(0) @binding(0) var<uniform> plan: Plan;
    @group(0) @binding(1) var<storage, read> gradientWSums: array<f32>;
    @group(0) @binding(2) var<storage, read_write> dw: array<f32>;

    @compute @workgroup_size(64)
    fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
      let point = i32(id.x + id.y * groups.x * 64u);
      if (point >= plan.C * plan.K * plan.R * plan.S) {
        return;
      }
      let kcrs = point;
      var sum = 0.0;
      for (var part4 = 0; part4 < plan.parts_3; part4++) {
        sum += gradientWSums[part4 * plan.C * plan.K * plan.R * plan.S + kcrs];
      }
      dw[kcrs] = sum;
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
        best = select(best, value, best < value);
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
          partials[lane] = select(partials[lane + step], partials[lane], partials[lane] > partials[lane + step]);
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
