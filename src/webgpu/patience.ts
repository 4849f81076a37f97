/**
 * While a device works, Dawn looks at every turn of the event loop whether it is done, and asks for the next turn by `setImmediate`,
 * which it takes from the globals each time: tens of thousands of looks a second, each with a function to be collected later.
 * That costs as much as a driver in software that computes meanwhile, and takes its core from it.
 */

/** Milliseconds slept before a look: none at first, then each time so much longer, up to the longest. */
const [longer, longest] = [0.05, 1];
/** Looks so far apart are not one wait. */
const apart = 1;

let isPatient = false;
/** From now on a thread that does nothing but wait for Dawn sleeps a little before each look. */
export function waitPatiently(): void {
  if (isPatient) return;
  isPatient = true;
  const atOnce = globalThis.setImmediate;
  const never = new Int32Array(new SharedArrayBuffer(4));
  let nap = 0;
  let last = 0;
  const patiently = (act: (...given: unknown[]) => void, ...given: unknown[]): NodeJS.Immediate => {
    if (!isNative(act)) return atOnce(act, ...given);
    return atOnce(() => {
      nap = performance.now() - last > apart ? 0 : Math.min(nap + longer, longest);
      if (nap > longer) Atomics.wait(never, 0, 0, nap);
      last = performance.now();
      act(...given);
    });
  };
  const properties = Object.getOwnPropertyDescriptors(atOnce);
  globalThis.setImmediate = Object.defineProperties(patiently, properties) as typeof setImmediate;
}

/** Dawn's own; a script's function tells its source. */
const isNative = (act: { readonly name: string }): boolean =>
  act.name === "" && Function.prototype.toString.call(act).endsWith("{ [native code] }");
