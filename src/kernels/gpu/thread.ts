/** The code of one thread: what a kernel's outermost loops run over is given to it. */
import type { Int } from "../../notation/integer.js";
import type { Index } from "../../notation/layer.js";
import { Builder } from "../block.js";

export class ThreadBuilder extends Builder {
  /** What the threads run over, once the outermost loops are asked for. */
  box: readonly Index[] | undefined;

  override loops(indices: readonly Index[], fill: () => void): void {
    if (this.box) return super.loops(indices, fill);
    this.box = indices;
    this.given(indices);
    fill();
  }

  /** Every thread would have to fill a table for itself: divisions stay where they are. */
  protected override tabled(): Int | undefined {
    return undefined;
  }
}
