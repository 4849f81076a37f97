/** Identifiers: every name of a layer gets one that is legal, unique in its function and near the name. */

import { take } from "../../notation/fresh.js";

/** The identifiers of one function. Tensors and values (indices, sizes, params, locals) are namespaces of the layer. */
export interface Scope {
  /** The identifier of a tensor. */
  readonly tensor: (name: string) => string;
  /** The identifier of a value that is read. */
  readonly value: (name: string) => string;
  /** The identifier of a value that is declared or assigned here. */
  readonly declare: (name: string) => string;
  /** Gives the name its identifier now, without counting it as looked up: first come, nearest to the name. */
  readonly reserveTensor: (name: string) => void;
  readonly reserveValue: (name: string) => void;
  /** An identifier of the compiler's own. */
  readonly fresh: (hint: string) => string;
  /** Names looked up so far, in order: tensors, values read, values declared. */
  readonly tensors: ReadonlySet<string>;
  readonly read: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
}

/** `packed rows` → `packedRows`: what a panel is called in the module. */
export const panelIdentifier = (name: string): string =>
  name.replace(/ (.)/g, (_, first: string) => first.toUpperCase());

/**
 * A scope in which `reserved` identifiers mean something else already, and panels keep the module's names.
 * @param spelled a name as the target's language reads it, where it takes different spellings for one
 */
export function makeScope(
  reserved: Iterable<string>,
  panels: readonly string[] = [],
  spelled: (name: string) => string = (name) => name,
): Scope {
  const used = new Set([...reserved, ...panels.map(panelIdentifier)]);
  const identifiers = new Map(panels.map((name) => [`tensor ${name}`, panelIdentifier(name)]));
  const fresh = (hint: string): string => {
    const stem = spelled(hint)
      .replace(/[^\p{ID_Continue}$]/gu, "_")
      .replace(/^(?![\p{ID_Start}$_])/u, "_");
    return take(used, (i) => (i === 0 ? stem : `${stem}${i + 1}`));
  };
  const lookup = (space: string, name: string): string => {
    const known = identifiers.get(space + name);
    if (known !== undefined) return known;
    const made = fresh(name);
    identifiers.set(space + name, made);
    return made;
  };
  const [tensors, read, declared] = [new Set<string>(), new Set<string>(), new Set<string>()];
  return {
    tensor: (name) => (tensors.add(name), lookup("tensor ", name)),
    value: (name) => (read.add(name), lookup("value ", name)),
    declare: (name) => (declared.add(name), lookup("value ", name)),
    reserveTensor: (name) => void lookup("tensor ", name),
    reserveValue: (name) => void lookup("value ", name),
    fresh,
    tensors,
    read,
    declared,
  };
}
