/** Shaders laid out: their code is spelled one statement a line. */

/** The lines, indented by their braces. */
export function indented(text: string): string {
  let depth = 0;
  return text
    .split("\n")
    .map((line) => {
      const trimmed = line.trim();
      if (trimmed.startsWith("}")) depth--;
      const result = trimmed === "" ? "" : "  ".repeat(depth) + trimmed;
      if (trimmed.endsWith("{")) depth++;
      return result;
    })
    .join("\n");
}
