/** Text as HTML shows it. */
import { splitAtLineEnds } from "../../../notation/line-ends.js";

/** Also between quotes. */
export const escape = (text: string): string =>
  splitAtLineEnds(text)
    .join("\n")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
