/** A stretch of the source text: offsets in UTF-16 units, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Where a called layer says it, what stands at the place of the call. */
  readonly origin?: Origin | undefined;
}
export const isSameSpan = (a: Span, b: Span): boolean =>
  a.start === b.start &&
  a.end === b.end &&
  (a.origin === undefined) === (b.origin === undefined) &&
  (!a.origin || !b.origin || isSameSpan(a.origin.span, b.origin.span));
/** A place in another text. */
export interface Origin {
  readonly source: { readonly file: string; readonly text: string };
  readonly span: Span;
}
