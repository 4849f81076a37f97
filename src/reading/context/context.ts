/** What a document has said: shapes, definitions, sizes, how indices depend on each other, and names for gradients. */
import type { Term } from "../terms/term.js";
import type { Formula, Symbol_ } from "../latex/formula.js";
import type { Survey } from "./survey.js";

export interface Tensor {
  readonly name: string;
  /** Tensors of one name and different shapes are told apart: `W`, `W@1`. */
  readonly id: string;
  readonly shape: readonly Term[];
  readonly weight: boolean;
  /** Of classes: integers from 0 below this. */
  readonly below?: Term;
  /** Where in the document its shape is first known. */
  readonly at: number;
  /** Whether the document says the shape; else it follows from the indices it is used with. */
  readonly declared: boolean;
}

/** `z_{n,m} = …` */
export interface Definition {
  readonly tensor: Tensor;
  readonly left: Formula;
  readonly right: Formula;
  readonly at: number;
  /** What was taken for granted. */
  readonly note?: string;
  /** Where the definition is known without being written: the mean of a normalisation. */
  readonly forward?: { readonly tensor: Tensor; readonly indices: readonly string[]; readonly body: Term };
}

/** `h = p * stride - pad + r`: indices that depend on each other. */
export interface IndexMap {
  readonly left: Formula;
  readonly right: Formula;
  readonly at: number;
}

/** `\mathbb{I}_F(h, h') = …` */
export interface FunctionDefinition {
  readonly parameters: readonly string[];
  readonly body: Formula;
  readonly at: number;
}

export interface SizeDefinition {
  readonly name: string;
  readonly value: Formula;
  readonly at: number;
}

/** A tensor made of another, as an accent above it says. */
export interface Accent {
  readonly exchanged: boolean;
  readonly rotated: boolean;
  /** Zeros on each side of the last axes. */
  readonly padding?: Formula | undefined;
  /** Zeros between the elements of the last axes. */
  readonly zeros?: Formula | undefined;
  readonly at: number;
}

export class Context {
  readonly survey: Survey;
  /** The document's text. */
  readonly document: string;
  readonly tensors: Tensor[] = [];
  readonly definitions: Definition[] = [];
  readonly maps: IndexMap[] = [];
  readonly sizes: SizeDefinition[] = [];
  readonly functions = new Map<string, FunctionDefinition[]>();
  /** The document calls a function logistic or a sigmoid. */
  saysLogistic = false;
  /** δ with two indices is 1 where they are equal, else 0. */
  kronecker = false;
  /** The document has a gradient in the layout of its tensor, in which the transposed one would not fit. */
  laidOut = false;
  /** The document says that * is a convolution. */
  starConvolves = false;
  /** What accents mean, by the document's words: `\tilde` exchanges axes. */
  readonly accents = new Map<string, Accent>();
  /** Which headings formulas stand below, by their places and with their titles, in the document's order. */
  readonly sections: {
    readonly at: number;
    readonly within: readonly number[];
    readonly titles: readonly string[];
  }[] = [];
  /** Names of gradients: δ for ∂L/∂z. */
  readonly aliases: {
    readonly name: string;
    readonly left: Symbol_;
    readonly of: Symbol_;
    readonly at: number;
  }[] = [];

  /** Numbers that the running text gives names: `$S = 1$`. */
  readonly inline: { readonly name: string; readonly value: number; readonly at: number }[] = [];

  constructor(survey: Survey, document = "") {
    this.survey = survey;
    this.document = document;
  }

  /** Sizes that were made up, and what they turned out to be. */
  private readonly invented = new Map<string, Term | undefined>();

  /** A size that the document does not name. */
  invent(text: string): Term {
    if (!this.invented.has(text)) this.invented.set(text, undefined);
    return { kind: "name", name: text };
  }
  isInvented(extent: Term): boolean {
    const settled = this.settled(extent);
    return settled.kind === "name" && this.invented.has(settled.name);
  }
  /** An extent, with made-up sizes replaced by what they turned out to be. */
  settled(extent: Term): Term {
    const known = extent.kind === "name" ? this.invented.get(extent.name) : undefined;
    return known ? this.settled(known) : extent;
  }
  /** Whether two extents may be one. */
  agree(a: Term, b: Term): boolean {
    const [x, y] = [this.settled(a), this.settled(b)];
    if (x.kind !== "name" || y.kind !== "name" || x.name === y.name) return true;
    return this.invented.has(x.name) || this.invented.has(y.name);
  }
  /** Whether two extents are one; made-up sizes are made so. */
  fits(a: Term, b: Term): boolean {
    const [x, y] = [this.settled(a), this.settled(b)];
    if (JSON.stringify(x) === JSON.stringify(y)) return true;
    const free = [x, y].some((extent) => extent.kind === "name" && this.invented.has(extent.name));
    return free && x.kind === "name" && y.kind === "name" && this.unify(x, y);
  }
  /** Makes two extents one, where they may be: a made-up size gives way. Only plain names can be told apart for sure. */
  unify(a: Term, b: Term): boolean {
    const [x, y] = [this.settled(a), this.settled(b)];
    if (x.kind !== "name" || y.kind !== "name" || x.name === y.name) return true;
    for (const [one, other] of [
      [x, y],
      [y, x],
    ] as const)
      if (this.invented.has(one.name)) {
        this.invented.set(one.name, other);
        return true;
      }
    return false;
  }

  declare(described: Omit<Tensor, "id">): Tensor {
    const namesakes = this.tensors.filter(({ name }) => name === described.name);
    const key = JSON.stringify(described.shape);
    const known = namesakes.find(({ shape }) => JSON.stringify(shape) === key)?.id;
    const others = new Set(namesakes.map(({ id }) => id)).size;
    const id = known ?? (others === 0 ? described.name : `${described.name}@${others}`);
    const tensor = { ...described, id };
    this.tensors.push(tensor);
    return tensor;
  }
  tensor(id: string): Tensor | undefined {
    return this.tensors.find((tensor) => tensor.id === id);
  }
  /** The tensors of a name that are known at a place, the latest first; those that come later at the end. */
  tensorsOf(name: string, at: number): readonly Tensor[] {
    return inView(this.tensors.filter((tensor) => tensor.name === name), at); // prettier-ignore
  }
  /**
   * What defines a tensor: not what speaks of another of the same name, whose shape was declared anew since. A definition
   * holds in its section and those below it: the latest of these comes first, then what other sections say.
   */
  definitionsOf(id: string, at: number): readonly Definition[] {
    const own = this.definitions.filter(({ tensor }) => tensor.id === id);
    const seen = inView(own, at).filter((definition) => !this.replaced(definition.tensor, definition.at, at)); // prettier-ignore
    const governs = (one: Definition): number =>
      this.holdsAt(one, at) ? (one.at <= at ? 0 : 2) : one.at <= at ? 1 : 3;
    return seen.toSorted((a, b) => governs(a) - governs(b));
  }
  /** Whether a definition stands in the section of a place, or in one around it. */
  holdsAt({ at: from }: Definition, at: number): boolean {
    const own = this.sectionAt(at);
    return this.sectionAt(from).every((heading, depth) => own[depth] === heading);
  }
  private sectionAt(at: number): readonly number[] {
    return this.sections.findLast((section) => section.at <= at)?.within ?? [];
  }
  /** Whether what is said at one place holds at another: said before it, in its section or one around it. */
  reaches(from: number, at: number): boolean {
    const own = this.sectionAt(at);
    return from <= at && this.sectionAt(from).every((heading, depth) => own[depth] === heading);
  }
  /** The text of the section of a place up to it. */
  wordsBefore(at: number): string {
    return this.document.slice(this.sectionAt(at).at(-1) ?? 0, at);
  }
  /** The line of a place, counted from 1. */
  lineAt(at: number): number {
    return this.document.slice(0, at).split("\n").length;
  }
  /** The titles above a place, joined. */
  titleAt(at: number): string {
    return (this.sections.findLast((section) => section.at <= at)?.titles ?? []).join(" / ");
  }
  private replaced({ name, id }: Tensor, from: number, to: number): boolean {
    return this.tensors.some(
      (t) => t.declared && t.name === name && t.at > from && t.at <= to && t.id !== id,
    );
  }
}

/** What stands before a place, the latest first, then what stands after it. */
export function inView<T extends { readonly at: number }>(all: readonly T[], at: number): readonly T[] {
  const before = all.filter((one) => one.at <= at);
  return [...before.reverse(), ...all.filter((one) => one.at > at)];
}
