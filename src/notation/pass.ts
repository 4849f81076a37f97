/** The compiler as a list of passes. */

/** A step from one form of a thing to another form of it. */
export interface Pass<T> {
  /** As `--dump-after` calls it. */
  readonly name: string;
  /** What holds afterwards, in a line. */
  readonly says: string;
  readonly run: (value: T) => T;
}
/** Sees what each pass has made. */
export type Watch<T> = (pass: string, made: T) => void;

/** The passes one after the other. */
export const runPasses = <T>(passes: readonly Pass<T>[], value: T, watch?: Watch<T>): T =>
  passes.reduce((current, { name, run }) => {
    const made = run(current);
    watch?.(name, made);
    return made;
  }, value);
