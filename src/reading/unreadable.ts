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
