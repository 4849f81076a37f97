/** `npm start`: builds all layers of specs/, checks their kernels and gradients, and says where to look. */
import { spawnSync } from "node:child_process";

for (const command of [["build"], ["check", "--target", "ts"]]) {
  const { status } = spawnSync(process.execPath, ["dist/leibniz.js", ...command], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
console.log(`
to read     generated/conv2d/derivation.md, or npx leibniz derive specs/softmax.layer
to use      generated/conv2d/index.ts: kernels without imports; webgpu.ts beside it
to write    a layer of your own in specs/, then npx leibniz check specs/mine.layer`);
