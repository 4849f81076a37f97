/** Declarations as text. */
import { Project, type StatementStructures } from "ts-morph";

const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });

/** The declarations in their order, not laid out yet. */
export function printed(statements: readonly (string | StatementStructures)[]): string {
  const file = project.createSourceFile("index.ts", { statements: [...statements] }, { overwrite: true });
  const text = file.getFullText();
  project.removeSourceFile(file);
  return text;
}
