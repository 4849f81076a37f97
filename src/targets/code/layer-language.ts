/** Integers in the layer language, for comments and messages. */
import type { Int } from "../../notation/integer.js";
import { intText } from "./integers.js";
import type { Scope } from "./scope.js";
import type { IntegerSpeller } from "./speller.js";
import { atom, callOf, productOf } from "./term.js";

const itself = (name: string): string => name;
const nothing = (): void => undefined;
/** Names stand for themselves. */
const scope: Scope = {
  tensor: itself,
  value: itself,
  declare: itself,
  fresh: itself,
  reserveTensor: nothing,
  reserveValue: nothing,
  tensors: new Set(),
  read: new Set(),
  declared: new Set(),
};
const language: IntegerSpeller = {
  scope,
  natural: new Set(),
  name: atom,
  element: (tensor, offset) => atom(`${tensor}[${offset}]`),
  product: productOf,
  floor: (a, b) => callOf("floor", productOf([a], [b])),
  modulo: (a, b) => callOf("mod", a, b),
  extremum: callOf,
  integerPower: (a, b) => atom(`(${a.text}) ^ (${b.text})`),
};

export const languageText = (value: Int): string => intText(value, language);
