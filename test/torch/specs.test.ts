/** Every layer of `specs/` under PyTorch: values and gradients, `gradcheck` and `gradgradcheck`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileText } from "../../src/pipeline.js";
import { Torch } from "../../src/torch/process.js";
import { faultsOf } from "./support.js";

const folder = join(import.meta.dirname, "../../specs");
const specs = readdirSync(folder).filter((file) => file.endsWith(".layer"));
const compiled = (file: string) => compileText(readFileSync(join(folder, file), "utf8"), file);

let torch: Torch;
beforeAll(async () => {
  torch = await Torch.open();
});
afterAll(() => torch.close());

it.each(specs)("%s", async (file) => {
  expect(await faultsOf(compiled(file), { torch, trials: 1 })).toEqual([]);
});

describe("what is wrong is found", () => {
  const faultsAfter = (file: string, from: string, to: string): Promise<readonly string[]> => {
    const change = (source: string): string => {
      expect(source).toContain(from);
      return source.replace(from, to);
    };
    return faultsOf(compiled(file), { torch, trials: 1, change });
  };
  const found = (faults: readonly string[]): string => faults.join("\n");

  it("in a value", async () => {
    const faults = await faultsAfter("linear.layer", "    z = torch", "    z = 1.001 * torch");
    expect(found(faults)).toMatch(/forward torch f64/u);
  });
  it("in a gradient, by the evaluator and by gradcheck", async () => {
    const faults = await faultsAfter("linear.layer", "dx = torch", "dx = 1.1 * torch");
    expect(found(faults)).toMatch(/gradient torch f64/u);
    expect(found(faults)).toMatch(/gradcheck: /u);
  });
  it("in what is differentiated twice, by gradgradcheck alone", async () => {
    // what was kept in the forward pass hangs on nothing
    const faults = await faultsAfter(
      "softmax_cross_entropy.layer",
      "if torch.is_grad_enabled():",
      "if False:",
    );
    expect(found(faults)).not.toMatch(/torch f64|[^d]gradcheck: /u);
    expect(found(faults)).toMatch(/gradgradcheck: /u);
  });
});
