/** A Python process with PyTorch in it, which runs generated layers. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { driver } from "./driver.js";

/** There is no Python with PyTorch to run on; the message says what to install. */
export class NoTorchError extends Error {
  override readonly name = "NoTorchError";
}
/** An error that generated code raised. */
export class PythonError extends Error {
  override readonly name = "PythonError";
  /** The class of the error in Python. */
  readonly kind: string;
  constructor(message: string, kind: string) {
    super(message);
    this.kind = kind;
  }
}

type Python = ChildProcessByStdio<Writable, Readable, null>;
type Answer = Readonly<Record<string, unknown>>;

export class Torch {
  readonly version: string;
  /** What started it. */
  readonly command: string;
  private readonly python: Python;
  private readonly answers: AsyncIterator<string>;
  /** One request at a time. */
  private last: Promise<unknown> = Promise.resolve();

  /** One for all layers of a thread; it ends with the thread. */
  static shared(): Promise<Torch> {
    return (Torch.common ??= Torch.open());
  }
  private static common: Promise<Torch> | undefined;

  private constructor(command: string, python: Python, answers: AsyncIterator<string>, greeting: string) {
    [this.command, this.python, this.answers] = [command, python, answers];
    this.version = (JSON.parse(greeting) as { readonly version: string }).version;
    this.hold(false);
  }

  /**
   * Starts the first Python that has PyTorch: `LEIBNIZ_PYTHON` where that is set, else `python3`, else the system's own.
   * @throws NoTorchError
   */
  static async open(): Promise<Torch> {
    const named = process.env["LEIBNIZ_PYTHON"];
    for (const command of named === undefined ? ["python3", "/usr/bin/python3"] : [named]) {
      const python = spawn(command, ["-c", driver], { stdio: ["pipe", "pipe", "ignore"] });
      python.on("error", () => {});
      python.stdin.on("error", () => {});
      const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
      const first = await answers.next();
      if (first.done !== true) return new Torch(command, python, answers, first.value);
      python.kill();
    }
    throw new NoTorchError(
      `there is no Python with PyTorch here${named === undefined ? "" : ` (LEIBNIZ_PYTHON is ${named})`}: ` +
        "install Debian's python3-torch, or torch for the python3 of the search path",
    );
  }

  /** @throws PythonError where what was asked for raises one */
  ask(request: Readonly<Record<string, unknown>>): Promise<Answer> {
    const answer = this.last.then(() => this.exchange(request));
    this.last = answer.catch(() => {});
    return answer;
  }
  private async exchange(request: Readonly<Record<string, unknown>>): Promise<Answer> {
    this.hold(true);
    this.python.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.answers.next();
    this.hold(false);
    if (line.done === true) throw new NoTorchError("the Python process has ended");
    const answer = JSON.parse(line.value) as Answer;
    if (typeof answer["error"] === "string") throw new PythonError(answer["error"], String(answer["kind"]));
    return answer;
  }

  /** Whether Node has to wait for the process before it ends: only while an answer is due. */
  private hold(waits: boolean): void {
    for (const handle of [this.python, this.python.stdin as Socket, this.python.stdout as Socket])
      if (waits) handle.ref();
      else handle.unref();
  }

  close(): void {
    this.python.stdin.end();
    this.python.kill();
  }
}
