/** A page in Chromium without a window, with WebGPU on its driver in software; spoken to through pipes in Chrome's own protocol. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";

export interface Page {
  /** The value of an expression, or of the promise that it is; what it throws is thrown here. */
  evaluate(expression: string): Promise<unknown>;
  /** Evaluates until the value is as wanted. */
  until(expression: string, isWanted: (value: unknown) => boolean): Promise<unknown>;
  close(): Promise<void>;
}

const flags = [
  "--remote-debugging-pipe",
  "--headless",
  "--no-sandbox",
  "--no-zygote",
  "--disable-dev-shm-usage",
  // WebGPU by SwiftShader
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--in-process-gpu",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

export async function openPage(url: string): Promise<Page> {
  const { command, environment } = chromium();
  const profile = mkdtempSync(join(tmpdir(), "leibniz-chromium-"));
  const browser = spawn(command, [...flags, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const send = connect(browser);
  const { targetId } = await send("Target.createTarget", { url });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  await send("Runtime.enable", {}, sessionId);
  const evaluate = async (expression: string): Promise<unknown> => {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send("Runtime.evaluate", options, sessionId);
    const thrown = exceptionDetails as { readonly exception?: { readonly description?: string } } | undefined;
    if (thrown) throw new Error(thrown.exception?.description ?? JSON.stringify(thrown));
    return (result as { readonly value?: unknown }).value;
  };
  const until: Page["until"] = async (expression, isWanted) => {
    for (const end = Date.now() + 30_000; ;) {
      // a page that loads again in the meantime has no values
      const value = await evaluate(expression).catch(() => undefined);
      if (isWanted(value)) return value;
      if (Date.now() > end) throw new Error(`${expression} stays ${JSON.stringify(value)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await until(`location.href !== "about:blank" && document.readyState`, (state) => state === "complete");
  return {
    evaluate,
    until,
    close: async () => {
      const gone = new Promise((resolve) => browser.once("exit", resolve));
      await send("Browser.close");
      await gone;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

type Answer = Readonly<Record<string, unknown>>;
type Send = (method: string, params?: object, sessionId?: unknown) => Promise<Answer>;
interface Message {
  readonly id?: number;
  readonly result?: Answer;
  readonly error?: { readonly message: string };
}

/** Messages are JSON with a NUL after each: in at the browser's descriptor 3, out at 4. */
function connect(browser: ChildProcess): Send {
  const [input, output] = [browser.stdio[3] as Writable, browser.stdio[4] as Readable];
  const waiting = new Map<number, (message: Message) => void>();
  let last = 0;
  let read = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    const messages = (read + text).split("\0");
    read = messages.pop() ?? "";
    for (const message of messages.map((one) => JSON.parse(one) as Message))
      if (message.id !== undefined) waiting.get(message.id)?.(message);
  });
  browser.once("exit", (code) => {
    for (const answer of waiting.values()) answer({ error: { message: `Chromium ended with ${code}` } });
  });
  return (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
}

/** Chromium from the npm package where that is made for this machine, else the one that is installed. */
function chromium(): { readonly command: string; readonly environment: NodeJS.ProcessEnv } {
  if (process.platform !== "linux" || process.arch !== "x64") {
    const command = process.env["CHROME_PATH"];
    if (command === undefined) throw new Error("the tests open pages: CHROME_PATH says where Chrome is");
    return { command, environment: {} };
  }
  const folder = browserFolder();
  const libraries = join(folder, "al2023/lib"); // for machines that lack what Chromium links to
  const environment = { LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: join(folder, "fonts") };
  return { command: join(folder, "chromium"), environment };
}

/** Where the package `@sparticuz/chromium` is unpacked: once, beside it. */
function browserFolder(): string {
  const { resolve } = createRequire(import.meta.url);
  const package_ = join(dirname(resolve("@sparticuz/chromium")), "../..");
  const { version } = JSON.parse(readFileSync(join(package_, "package.json"), "utf8")) as { version: string };
  const cache = join(package_, "../../.cache/leibniz");
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const own = mkdtempSync(join(cache, ".chromium-"));
  const script = `import chromium from "@sparticuz/chromium"; await chromium.executablePath()`;
  // the package unpacks into the folder for temporary files; the libraries where it takes itself to be on Amazon's machines
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: own, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" },
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`Chromium cannot be unpacked: ${stderr}`);
  try {
    renameSync(own, folder);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else another process was first
  }
  return folder;
}
