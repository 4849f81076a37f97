/** Every message of the language, under one name. A problem's code is the function's name in kebab case. */
import { calls } from "./messages/calls.js";
import { form } from "./messages/form.js";
import { habits } from "./messages/habits.js";
import { meaning } from "./messages/meaning.js";
import type { Origin, Span } from "../notation/span.js";
import type { Text } from "./messages/text.js";

/** Text that takes the place of what stands between two offsets of the file. */
export interface Edit extends Span {
  readonly text: string;
}
export interface Complaint {
  readonly code: string;
  readonly message: string;
  /** The likely mend, in words. */
  readonly hint?: string;
  /** The likely mend as edits: put in, they give a text without this problem. */
  readonly mend?: readonly Edit[];
  /** Where the fault lies, if that is in another text. */
  readonly origin?: Origin;
  /** What to write in place of a name: the mend where the problem's place holds that name. */
  readonly instead?: { readonly name: string; readonly meant: string };
  /** What is put around what stands at the problem's place: the mend, where that is the whole of it. */
  readonly around?: readonly [before: string, after: string];
  /** The name that is wrong: a second place with it is the same mistake. */
  readonly about?: string;
  /** Where the mend puts something in: what is wrong there follows from this. */
  readonly made?: readonly Span[];
}
const texts = { ...form, ...meaning, ...calls, ...habits };

/** What there is to say, by name; the code follows from the name. */
export const say: {
  readonly [K in keyof typeof texts]: (...args: Parameters<(typeof texts)[K]>) => Complaint;
} = withCodes(texts);

function withCodes<T extends Record<string, (...args: never[]) => Text>>(
  makers: T,
): { readonly [K in keyof T]: (...args: Parameters<T[K]>) => Complaint };
function withCodes(
  makers: Record<string, (...args: unknown[]) => Text>,
): Record<string, (...args: unknown[]) => Complaint> {
  const coded: Record<string, (...args: unknown[]) => Complaint> = {};
  for (const [name, make] of Object.entries(makers)) {
    const code = name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    coded[name] = (...args) => ({ code, ...make(...args) });
  }
  return coded;
}
