/** Generated code as a URL, by which any host imports it. */
import { stripTypes } from "./javascript.js";

/** The module without its types, inside the URL. */
export function moduleUrlOf(typescript: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(stripTypes(typescript))) bytes += String.fromCharCode(byte);
  return `data:text/javascript;base64,${btoa(bytes)}`;
}
