import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished, vi } from "vitest";
import { command, workspace, type Workspace } from "./workspace.js";

const twice = "input x[N]\noutput z[N]\nz[i] = 2*x[i]\n";
const relu = "input x[N]\noutput z[N]\nz[i] = relu(x[i])\n";

interface Watching {
  /** All that it has said. */
  readonly said: () => string;
  readonly until: (check: () => void) => Promise<void>;
  /** Interrupts it; its exit status. */
  readonly stop: () => Promise<number | null>;
}
async function watching(w: Workspace, ...specs: readonly string[]): Promise<Watching> {
  const child = spawn(process.execPath, [command, "build", ...specs, "--watch"], { cwd: w.folder });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (data: Buffer) => (said += data.toString()));
  child.stdout.on("data", (data: Buffer) => (said += data.toString()));
  const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 40_000, interval: 50 });
  await until(() => expect(said).toContain("watching"));
  return {
    said: () => said,
    until,
    stop: async () => {
      child.kill("SIGTERM");
      const [status] = (await once(child, "exit")) as [number | null];
      return status;
    },
  };
}

it("builds again when a spec changes, is wrong, and is mended", async () => {
  const w = workspace({ "specs/twice.layer": twice });
  const { said, until, stop } = await watching(w);
  expect(w.exists("generated/twice/index.ts")).toBe(true);

  w.write("specs/twice.layer", twice.replace("x[i]", "y[i]"));
  await until(() => expect(said()).toContain("specs/twice.layer:3:"));

  w.write("specs/twice.layer", twice);
  w.write("specs/relu.layer", relu);
  await until(() => expect(w.exists("generated/relu/index.ts")).toBe(true));
  expect(await stop()).toBe(0);
}, 150_000);

it("goes on when its folders are lost and come back", async () => {
  const w = workspace({ "specs/twice.layer": twice });
  const { said, until, stop } = await watching(w);

  w.remove("generated");
  await until(() => expect(w.exists("generated/index.ts")).toBe(true));

  w.remove("specs");
  await until(() => expect(said()).toContain("there is no folder specs/"));
  w.write("specs/relu.layer", relu);
  await until(() => expect(w.exists("generated/relu/index.ts")).toBe(true));
  await until(() => expect(w.exists("generated/twice")).toBe(false));

  // in the folder that came back, too, changes are noticed
  w.write("specs/twice.layer", twice);
  await until(() => expect(w.exists("generated/twice/index.ts")).toBe(true));
  expect(await stop()).toBe(0);
}, 200_000);

it("follows its configuration", async () => {
  const w = workspace({ "specs/twice.layer": twice, "layers/relu.layer": relu });
  const { said, until, stop } = await watching(w);
  w.write("leibniz.config.ts", 'export default { specs: ["layers"], out: "kernels" };\n');
  await until(() => expect(w.exists("kernels/relu/index.ts")).toBe(true));
  w.write("layers/twice.layer", twice);
  await until(() => expect(w.exists("kernels/twice/index.ts")).toBe(true));
  w.write("leibniz.config.ts", "export default { specs: 3 };\n");
  await until(() => expect(said()).toContain("specs has to be"));
  expect(await stop()).toBe(2);
}, 200_000);

it("builds again when a layer changes that a spec uses, wherever it lies", async () => {
  const w = workspace({
    "leibniz.config.mjs": 'export default { specs: ["layers"] };\n',
    "own/caller.layer": "use twice\ninput x[N]\noutput y\ny = twice(x)\n",
    "layers/twice.layer": twice,
  });
  const { until, stop } = await watching(w, "own/caller.layer");
  const built = (): string => w.read("generated/caller/derivation.md");
  expect(built()).toContain("2 * x[i]");
  w.write("layers/twice.layer", twice.replace("2*", "5*"));
  await until(() => expect(built()).toContain("5 * x[i]"));
  // one beside it comes first
  w.write("own/twice.layer", twice.replace("2*", "7*"));
  await until(() => expect(built()).toContain("7 * x[i]"));
  expect(await stop()).toBe(0);
}, 150_000);
