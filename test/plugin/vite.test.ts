/** The plugin in Vite's development server, in a real browser: kernels, hot updates, the overlay. */
import { createServer } from "vite";
import { expect, it, onTestFinished } from "vitest";
import { workspace, type Workspace } from "../cli/workspace.js";
import { openPage, type Page } from "../support/chromium/index.js";
import { broken, pluginFor, scaleBy, square } from "./support.js";

const main = `import { scale } from "./scale.layer";
import { square } from "./square.layer";
const x = Float32Array.of(1, 2, 3);
document.body.textContent = [...scale({ N: 3 }).forward({ x }).y, ...square({ N: 3 }).forward({ x }).z].join();
if (import.meta.hot) import.meta.hot.accept();

window.onGpu = async () => {
  const { halve } = await import("./scale.layer?target=webgpu");
  const device = await (await navigator.gpu.requestAdapter()).requestDevice();
  const plan = await halve(device, { N: 3 });
  const buffers = plan.allocate();
  plan.write(buffers, { x });
  const encoder = device.createCommandEncoder();
  plan.forward(encoder, buffers);
  device.queue.submit([encoder.finish()]);
  return [...(await plan.read(buffers, "y"))];
};
`;

async function serve(): Promise<{ readonly w: Workspace; readonly page: Page }> {
  const w = workspace({
    "index.html": `<!doctype html><body></body><script type="module" src="/main.js"></script>`,
    "main.js": main,
    "scale.layer": scaleBy(2),
    "square.layer": square,
  });
  const server = await createServer({
    root: w.folder,
    configFile: false,
    logLevel: "silent",
    plugins: [(await pluginFor("vite"))()],
    server: { host: "127.0.0.1", port: 0 },
  });
  onTestFinished(() => server.close());
  await server.listen();
  const page = await openPage(server.resolvedUrls?.local[0] ?? "");
  onTestFinished(() => page.close());
  return { w, page };
}

it("serves layers, updates them on save, and shows what is wrong at the formula", async () => {
  const { w, page } = await serve();
  const kept = (): Readonly<Record<string, string>> => w.tree("node_modules/.cache/leibniz");
  const text = "document.body.textContent";
  await page.until(text, (value) => value === "2,4,6,1,4,9");
  expect(await page.evaluate("onGpu()")).toEqual([0.5, 1, 1.5]);
  expect(Object.keys(w.tree("."))).toEqual(
    expect.arrayContaining(["scale.layer.d.ts", "scale.layer.webgpu.d.ts", "square.layer.d.ts"]),
  );

  // saved: the page takes it without being loaded again, and no other layer is compiled
  await page.evaluate("window.isSamePage = true");
  const before = kept();
  w.write("scale.layer", scaleBy(3));
  await page.until(text, (value) => value === "3,6,9,1,4,9");
  expect(await page.evaluate("window.isSamePage")).toBe(true);
  const changed = Object.entries(kept()).filter(([name, content]) => content !== before[name]);
  expect(changed.map(([, content]) => content)).toEqual([expect.stringContaining("default 3")]);

  w.write("scale.layer", broken);
  const overlay = `document.querySelector("vite-error-overlay")?.shadowRoot.textContent ?? ""`;
  const shown = await page.until(overlay, (value) => String(value).includes("> 4 | y[i] = s * w[i]"));
  expect(shown).toMatch(/scale\.layer:4:1[12]/u);

  w.write("scale.layer", scaleBy(4));
  await page.until(text, (value) => value === "4,8,12,1,4,9");
  await page.until(overlay, (value) => value === "");
});
