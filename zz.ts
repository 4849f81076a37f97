import { openGpu } from "./src/webgpu/adapter.js";
import { generate } from "./test/generator/generate.js";
import { judge, spent } from "./test/generator/judge.js";
const [from, count] = process.argv.slice(2).map(Number);
const tally = new Map<string, number[]>();
const gpu = process.env.GPU ? await openGpu() : undefined;
const t0 = performance.now();
for (let s = from!; s < from! + count!; s++) {
  const start = performance.now();
  const v = await judge(generate(s), s, { trials: 4, second: process.env.SECOND === "1", documents: false, gpu });
  const what = v.refused ? "refused " + v.refused[0]!.code : v.fault ? v.fault.what : "ok";
  tally.set(what, [...(tally.get(what) ?? []), s]);
  if (what !== "ok" && process.env.SHOW) console.log(`# seed ${s}: ${what}\n${v.refused ? v.refused.map(p => p.message).join("; ") : v.fault!.detail.slice(0, 1200)}\n${v.text}`);
  if (performance.now() - start > 8000) console.log("slow", s, performance.now() - start);
}
for (const [k, v] of [...tally].sort((a, b) => b[1].length - a[1].length)) console.log(k, v.length, v.slice(0, 12).join(" "));
console.log(((performance.now() - t0) / count!).toFixed(0), "ms each", [...spent].map(([k, v]) => `${k} ${(v / count!).toFixed(0)}`).join(", "));
process.exit(0);
