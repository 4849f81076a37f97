/** Where the command writes: results on standard output, progress and errors on standard error. */
import picocolors from "picocolors";

type Colors = ReturnType<typeof picocolors.createColors>;

export interface Terminal {
  /** Results. With `--json` only the one document. */
  readonly out: (text: string) => void;
  /** Errors and notes. */
  readonly error: (text: string) => void;
  /** A line that replaces the one before on a terminal; nothing in a pipe. An empty text clears it. */
  readonly progress: (text: string) => void;
  /** For text on standard output. */
  readonly color: Colors;
  /** For text on standard error. */
  readonly errorColor: Colors;
  /** The width in columns. */
  readonly columns: number;
}

/** The process's own streams. Colours follow `NO_COLOR` and `FORCE_COLOR`. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  const colored = (stream: NodeJS.WriteStream): Colors =>
    picocolors.createColors(
      !process.env["NO_COLOR"] && (Boolean(process.env["FORCE_COLOR"]) || isTerminal(stream)),
    );
  // the reader of a pipe may leave early: `leibniz check | head`
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  let progressing = false;
  const clear = (): void => {
    if (progressing) stderr.write("\r\u001B[K");
    progressing = false;
  };
  return {
    out: (text) => {
      clear();
      stdout.write(`${text}\n`);
    },
    error: (text) => {
      clear();
      stderr.write(`${text}\n`);
    },
    progress: (text) => {
      if (!stderr.isTTY) return;
      clear();
      if (!text) return;
      stderr.write(text.slice(0, (stderr.columns || 80) - 1));
      progressing = true;
    },
    color: colored(stdout),
    errorColor: colored(stderr),
    columns: stdout.isTTY ? Math.max(40, stdout.columns || 100) : 100,
  };
}

/** `isTTY` is undefined in a pipe, whatever its type says: passed on, it would leave the choice to the library. */
const isTerminal = ({ isTTY }: { readonly isTTY?: boolean }): boolean => isTTY ?? false;

/** `1 layer`, `2 layers`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
