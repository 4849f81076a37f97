/** A call of the command that cannot be carried out: unknown files, bad options. Ends with status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command's exit statuses. */
export const status = {
  good: 0,
  /** A check failed, a claim is refuted or the output is stale. */
  failed: 1,
  /** The spec or the call is wrong. */
  wrong: 2,
} as const;
export type Status = (typeof status)[keyof typeof status];
