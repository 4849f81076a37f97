/** The `leibniz` command: options, exit statuses, and the last net for errors. A command loads only what it runs. */
import { Command, CommanderError } from "commander";
import { version } from "../version.js";
import { NoTorchError } from "../torch/process.js";
import { NoAdapterError } from "../webgpu/adapter.js";
import { status, UsageError, type Status } from "./failure.js";
import { jsonText } from "./json.js";
import { readSizes, readWhole } from "./options.js";
import { readSettings, watchedPaths } from "./settings.js";
import { isOfTheSystem, reasonOf } from "./system.js";
import { processTerminal, type Terminal } from "./terminal.js";
import type { Prepared } from "./watch.js";

interface BuildFlags {
  out?: string;
  target?: string;
  js?: boolean;
  shaders?: boolean;
  check?: boolean;
  watch?: boolean;
  dumpAfter?: string;
  json?: boolean;
}
interface CheckFlags {
  sizes?: string;
  trials: string;
  seed: string;
  target?: string;
  json?: boolean;
}
interface DeriveFlags {
  wrt?: string;
  format: string;
  steps: string;
  jacobian?: string;
  sizes?: string;
}

interface ReadFlags {
  format: string;
  write?: string;
}

/**
 * Runs the command.
 * @param arguments_ without the interpreter and the script
 * @returns the exit status
 */
export async function main(arguments_: readonly string[], terminal = processTerminal()): Promise<Status> {
  let result: Status = status.good;
  const json = arguments_.includes("--json") || formatIsJson(arguments_);
  try {
    const program = describeCommand(terminal, workingFolder(), (outcome) => {
      result = outcome;
    });
    await program.parseAsync([...arguments_], { from: "user" });
    return result;
  } catch (error) {
    return report(error, json, terminal);
  }
}

function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new UsageError("the working folder is gone: change into one that is there");
  }
}

function describeCommand(terminal: Terminal, folder: string, finish: (outcome: Status) => void): Command {
  const program = new Command("leibniz")
    .description("Compiles layer formulas to gradient kernels.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.error(text.trimEnd()),
      outputError: () => {},
    });

  program
    .command("init")
    .description(
      "make a project: a configuration, a first layer, scripts in package.json; what is there stays",
    )
    .argument("[folder]", "the project's folder (default: the working folder)")
    .action(async (named: string | undefined) => {
      const { init } = await import("./init.js");
      finish(await init(named, folder, terminal));
    });

  program
    .command("build")
    .description("compile layers and their variants to kernels")
    .argument("[specs...]", "files, folders or globs (default: specs/)")
    .option("--out <folder>", "where to write (default: generated)")
    .option("--target <list>", "ts, wasm, wgsl, torch (default: ts, or what the configuration says)")
    .option("--shaders", "write the WGSL shaders as files too, beside the webgpu.ts that holds them")
    .option("--js", "write .js and .d.ts instead of .ts")
    .option("--check", "write nothing, fail when the output is stale")
    .option("--watch", "build again when a spec changes")
    .option("--dump-after <pass>", "show each layer as it is after a pass of the compiler")
    .option("--json", "print one JSON document")
    .action(async (specs: string[], flags: BuildFlags) => {
      const { check = false, json = false, dumpAfter } = flags;
      const { build } = await import("./build.js");
      const settings = await readSettings(folder, flags);
      if (!flags.watch) return finish(await build(specs, settings, { check, json, dumpAfter }, terminal));
      if (json || check) throw new UsageError("--watch goes with neither --json nor --check");
      const [{ watch }, { pathsLookedAt }] = await Promise.all([import("./watch.js"), import("./shelf.js")]);
      let known = settings;
      /** Anew each time: the configuration may have changed. */
      const prepare = async (): Promise<Prepared> => {
        let run = (): Promise<Status> => build(specs, known, { check, json, dumpAfter }, terminal);
        try {
          known = await readSettings(folder, flags);
        } catch (error) {
          run = () => Promise.reject(error);
        }
        const reported = (): Promise<Status> =>
          run().catch((error: unknown) => report(error, false, terminal));
        const paths = [...watchedPaths(specs, known), ...(await pathsLookedAt(specs, known))];
        return { paths, out: known.out, build: reported };
      };
      finish(await watch(folder, prepare, terminal));
    });

  program
    .command("check")
    .description("compare kernels and gradients with the reference evaluator and finite differences")
    .argument("[specs...]", "files, folders or globs (default: specs/)")
    .option("--sizes <list>", "sizes and params to try as well, N=2,C=3,…")
    .option("--trials <count>", "how many sizes to draw for each layer", "20")
    .option("--seed <number>", "of the random draws", "1")
    .option("--target <list>", "ts, wasm, wgsl, torch (default: ts, or what the configuration says)")
    .option("--json", "print one JSON document")
    .action(async (specs: string[], flags: CheckFlags) => {
      const settings = await readSettings(folder, flags.target === undefined ? {} : { target: flags.target });
      const options = {
        sizes: flags.sizes === undefined ? undefined : readSizes(flags.sizes),
        trials: readWhole("--trials", flags.trials, 1),
        seed: readWhole("--seed", flags.seed, 0),
        targets: settings.targets,
      };
      const { check } = await import("./check.js");
      finish(await check(specs, settings, options, flags.json ?? false, terminal));
    });

  program
    .command("derive")
    .description("print the formulas, the gradients and how they were derived")
    .argument("<spec>", "a .layer file")
    .option("--wrt <tensor>", "only the gradient with respect to it")
    .option("--format <format>", "text, markdown, latex, html, json", "text")
    .option("--steps <detail>", "none, main, all", "main")
    .option("--jacobian <z,x>", "the Jacobian of an output by a tensor, at small sizes")
    .option("--sizes <list>", "sizes and params for the Jacobian, N=1,C=2,…")
    .action(async (spec: string, flags: DeriveFlags) => {
      const { derive } = await import("./derive.js");
      finish(await derive(spec, await readSettings(folder, {}), flags, terminal));
    });

  program
    .command("read")
    .description("find the equations of a document and judge the gradients that it states")
    .argument("<paper>", "a Markdown, LaTeX or text file")
    .option("--format <format>", "text, html (one page with typeset formulas), json", "text")
    .option("--write <folder>", "save what was read as .layer files that name document, section and equation")
    .addHelpText(
      "after",
      "\nEach equation is read as a definition or as a gradient; gradients are proved or refuted, and what is not\n" +
        "understood is named with the reason. The exit status is 1 where a gradient is refuted.",
    )
    .action(async (paper: string, flags: ReadFlags) => {
      const { read } = await import("./read.js");
      finish(await read(paper, folder, flags, terminal));
    });
  return program;
}

/** What an error that ends the command means to its user: never an internal stack trace. */
function report(error: unknown, json: boolean, terminal: Terminal): Status {
  if (error instanceof CommanderError && error.exitCode === 0) return status.good; // --help, --version
  const usage = [UsageError, CommanderError, NoAdapterError, NoTorchError].some(
    (kind) => error instanceof kind,
  );
  // commander shows the help where no command is given
  if (error instanceof CommanderError && error.code === "commander.help") return status.wrong;
  const text = isOfTheSystem(error)
    ? `${error.path ?? error.syscall}: ${reasonOf(error)}`
    : error instanceof Error
      ? error.message.replace(/^error: /u, "")
      : String(error);
  // of a file that cannot be written, of a full disk, the compiler can make nothing else
  const mendable = usage || isOfTheSystem(error);
  const message = mendable ? text : `a fault of the compiler itself: ${text}`;
  if (json) terminal.out(jsonText({ ok: false, error: message }));
  else terminal.error(`${terminal.errorColor.red("error")} ${message}`);
  if (!mendable && process.env["LEIBNIZ_DEBUG"] && error instanceof Error) terminal.error(error.stack ?? "");
  return status.wrong;
}

const formatIsJson = (arguments_: readonly string[]): boolean =>
  arguments_.includes("--format=json") || arguments_[arguments_.indexOf("--format") + 1] === "json";
