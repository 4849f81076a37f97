/** The code of one thread: what a kernel's outermost loops run over is given to it. */
import type { Int } from "../../notation/integer.js";
import * as integer from "../../notation/integer.js";
import type { Index } from "../../notation/layer.js";
import { Builder } from "../block.js";

export class ThreadBuilder extends Builder {
  /** What the threads run over, once the outermost loops are asked for. */
  box: readonly Index[] | undefined;
  private opensBox = false;
  /** Threads that branch wait for each other. */
  override readonly branchless = true;

  /** The threads run over these as well. */
  enter(indices: readonly Index[]): void {
    this.box = [...(this.box ?? []), ...indices];
    this.given(indices);
  }

  override loops(indices: readonly Index[], fill: () => void): void {
    if (this.box) return super.loops(indices, fill);
    this.enter(indices);
    fill();
  }

  /** The loops that `open` asks for first, one inside the other, are run over by threads too, until one of them is entered. */
  asBox(open: () => void): void {
    this.opensBox = true;
    open();
  }
  /** From here on loops are loops. */
  closeBox(): void {
    this.opensBox = false;
  }

  override loop(range: Parameters<Builder["loop"]>[0], fill: () => void): void {
    const { index, from, to, step } = range;
    const whole = integer.literal(from) === 0 && (step === undefined || integer.literal(step) === 1);
    if (!this.opensBox || !whole) return super.loop(range, fill);
    this.enter([{ name: index, extent: to }]);
    fill();
  }

  /** Every thread would have to fill a table for itself: divisions stay where they are. */
  protected override tabled(): Int | undefined {
    return undefined;
  }
}
