import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished, vi } from "vitest";
import { command, linear, workspace } from "./workspace.js";

it("builds again when a spec changes, is wrong, and is mended", async () => {
  const w = workspace({ "specs/linear.layer": linear });
  const process_ = spawn(process.execPath, [command, "build", "--watch"], { cwd: w.folder });
  onTestFinished(() => void process_.kill("SIGKILL"));
  let said = "";
  process_.stderr.on("data", (data: Buffer) => (said += data.toString()));
  const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 50 });

  await until(() => expect(said).toContain("watching"));
  expect(w.exists("generated/linear/index.ts")).toBe(true);

  w.write("specs/linear.layer", linear.replace("+ b[k]", "+ c[k]"));
  await until(() => expect(said).toContain("specs/linear.layer:7:"));

  w.write("specs/linear.layer", linear);
  w.write("specs/relu.layer", "input x[N]\noutput z[N]\nz[i] = relu(x[i])\n");
  await until(() => expect(w.exists("generated/relu/index.ts")).toBe(true));

  process_.kill("SIGTERM");
  const [status] = (await once(process_, "exit")) as [number | null];
  expect(status).toBe(0);
});
