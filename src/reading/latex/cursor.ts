/** A place in a list of tokens. */
import type { Token } from "./token.js";
import { Unreadable } from "../document/unreadable.js";

export class Cursor {
  readonly tokens: readonly Token[];
  private index = 0;
  /** Where the tokens end in the source. */
  private readonly end: number;

  /** In a subscript `dk` is two indices, no differential. */
  readonly subscript: boolean;

  constructor(tokens: readonly Token[], end: number, subscript = false) {
    this.tokens = tokens;
    this.end = end;
    this.subscript = subscript;
  }
  get at(): number {
    return this.peek()?.at ?? this.end;
  }
  get done(): boolean {
    return this.index >= this.tokens.length;
  }
  peek(ahead = 0): Token | undefined {
    return this.tokens[this.index + ahead];
  }
  /** Whether the next token is this symbol. */
  sees(...symbols: readonly string[]): boolean {
    const token = this.peek();
    return token?.kind === "symbol" && symbols.includes(token.text);
  }
  next(): Token {
    const token = this.tokens[this.index];
    if (!token) throw new Unreadable("the formula ends too early", this.end);
    this.index++;
    return token;
  }
  take(symbol: string): Token | undefined {
    return this.sees(symbol) ? this.next() : undefined;
  }
  expect(symbol: string): Token {
    const token = this.take(symbol);
    if (!token) throw new Unreadable(`${symbol} is missing`, this.at);
    return token;
  }
  /** Whether a bar closes what it stands after. */
  get withinBars(): boolean {
    return this.bars > 0;
  }
  private bars = 0;
  /** Parses what stands between bars, which open and close alike. */
  betweenBars<T>(parse: () => T): T {
    this.bars++;
    try {
      return parse();
    } finally {
      this.bars--;
    }
  }
  /** Whether what is parsed is summed over: not within brackets of its own. */
  get withinSum(): boolean {
    return this.sums.at(-1) === true;
  }
  private readonly sums: boolean[] = [];
  ofSum<T>(parse: () => T, within = true): T {
    this.sums.push(within);
    try {
      return parse();
    } finally {
      this.sums.pop();
    }
  }
  /** A closing bracket without a power, which would be lost. */
  expectBare(symbol: string): void {
    bare(this.expect(symbol));
  }
  /** Goes on, and comes back where `parse` finds nothing. */
  attempt<T>(parse: () => T | undefined): T | undefined {
    const from = this.index;
    try {
      const found = parse();
      if (found === undefined) this.index = from;
      return found;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.index = from;
      return undefined;
    }
  }
}

/** Scripts that no rule reads must not be lost. */
export function bare(token: Token): Token {
  if (token.sub ?? token.sup)
    throw new Unreadable(`what stands above or below ${token.text} is not understood`, token.at);
  return token;
}
