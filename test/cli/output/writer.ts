/**
 * A process that does nothing but write a folder, as a build does when its layers are compiled: so it can be killed hundreds of
 * times. `node writer.js <folder> <first generation> <rounds> [<kill at>]`: with the last, it kills itself before its n-th change
 * to the disk; of a file's content it has written half by then.
 */
import fs from "node:fs";
import { changeFolder } from "../../../src/cli/output/output.js";
import { plannerOf } from "./generations.js";

const [folder = "", first = "0", rounds = "1", killAt] = process.argv.slice(2);

if (killAt !== undefined) {
  let left = Number(killAt);
  const changes = ["writeFileSync", "renameSync", "rmSync", "mkdirSync", "rmdirSync"] as const;
  for (const name of changes) {
    const whole = fs[name] as (...given: unknown[]) => unknown;
    const wrapped = (...given: unknown[]): unknown => {
      if (left-- === 0) {
        const [path, content] = given;
        if (name === "writeFileSync") whole(path, String(content).slice(0, String(content).length / 2));
        process.kill(process.pid, "SIGKILL");
      }
      return whole(...given);
    };
    Object.assign(fs, { [name]: wrapped });
  }
}

async function main(): Promise<void> {
  fs.writeSync(1, "writing\n");
  for (let round = 0; round < Number(rounds); round++)
    await changeFolder(folder, "out", plannerOf(Number(first) + round));
}
void main();
