/** What names of a layer are called in Python. */
import { makeScope as makeCodeScope, type Scope } from "../code/scope.js";
import { helperNames } from "./helpers.js";

const keywords = `
  False None True and as assert async await break case class continue def del elif else except finally for from global
  if import in is lambda match nonlocal not or pass raise return try type while with yield`;
/** What the lines of generated functions call, and what they call their own. */
const inFunctions = "bool max min super torch ctx self dtype device sizes results";
/** What helpers call beside these. */
const inModules = "any enumerate isinstance len sum tuple zip IndexError ValueError";
const words = (...lists: readonly string[]): readonly string[] => lists.flatMap((l) => l.trim().split(/\s+/));

/** Python takes names for one that are equal in this form, and has no `$` in any. */
const spelled = (name: string): string => name.normalize("NFKC").replaceAll("$", "_");

/** The identifiers of one function, in which `others` mean something else already. */
export const makeScope = (others: readonly string[] = []): Scope =>
  makeCodeScope([...words(keywords, inFunctions), ...helperNames, ...others], [], spelled);
/** The identifiers of a file. */
export const makeFileScope = (): Scope => makeScope([...words(inModules), "_forward"]);

const moduleMembers = `
  T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
  extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
  named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
  register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
  register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
  register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory
  state_dict to to_empty train training type xpu zero_grad`;
/** What an attribute of a `torch.nn.Module` must not be called. */
export const takenInModules = words(moduleMembers);
