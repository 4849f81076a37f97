/** Indices that have the same name and are not the same: the layers that a captured one made wrong. */
import { describe, expect, it } from "vitest";
import { caseText, everywhere } from "../support/everywhere.js";
import { expectRight } from "../support/drawn.js";

const sizes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  rowcol: { N: 5 },
  rowcol_lse: { N: 5 },
  clip: { N: 6 },
  roi_align: { N: 3, C: 3, H: 3, W: 3, K: 3 },
  binder_capture: { N: 6 },
  binder_capture_mod: { M: 4, N: 4 },
  grouped_plain: { N: 5 },
  temp_name_wrong: { N: 5 },
  temp_name_crash: { N: 4, K: 4 },
  lanes_share_mod: { N: 3, K: 2, P: 9, R: 2 },
};

describe.each(Object.entries(sizes))("%s", (name, at) => {
  it("is right on every target", () => expectRight(caseText(name), at));
});

it("sums rows and columns of one matrix", async () => {
  const values = { x: [1, 2, 3, 4], dr: [1, 10], dc: [100, 1000] };
  const found = await everywhere(caseText("rowcol"), { sizes: { N: 2 }, values });
  for (const { by, values: results } of found)
    expect(results, by).toEqual({ r: [3, 7], c: [4, 6], dx: [101, 1001, 110, 1010] });
});
