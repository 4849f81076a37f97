/** Why a formula, or a part of it, was not understood. It ends the reading of one statement, never that of a document. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
  /** An offset in the formula's source. */
  readonly at: number;
  constructor(reason: string, at: number) {
    super(reason);
    this.at = at;
  }
}

/** Shapes that fit in no reading: where others would, that is a mistake and no riddle. */
export class Misfit extends Unreadable {}

/** What is read, or nothing where it is not understood. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
