import fc from "fast-check";
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { sha256 } from "../../src/targets/code/sha256.js";

it("is Node's, for texts of all lengths", () => {
  const isNodes = (text: string): void => {
    expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
  };
  for (let length = 0; length < 200; length++) isNodes("é".repeat(length % 3) + "a".repeat(length));
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 500 }), isNodes));
});
