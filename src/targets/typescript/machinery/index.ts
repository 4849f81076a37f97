/** The part of a generated file that is the same for every layer: settings, checks of arguments, what a call hands back. */
import { calls } from "./calls.js";
import { checks } from "./checks.js";
import { planFunctions, planTypes } from "./plans.js";

/** Always there. */
export const machinery = `${planTypes}${planFunctions}${calls}`;

/** Functions and constants of the module that no kernel, size or local may be called. */
export const machineryNames: readonly string[] = [
  ...`${machinery}${Object.values(checks).join("")}`.matchAll(/^(?:const|function|type|interface) (\w+)/gm),
].map((match) => match[1]!);
