import { describe, expect, it } from "vitest";
import { readSizes, readWhole } from "../../src/cli/options.js";
import { displayName, watchedPath } from "../../src/cli/specs.js";

describe("--sizes", () => {
  it("reads names and numbers", () => {
    expect(readSizes("N=2, C=3,eps=1e-3")).toEqual({ N: 2, C: 3, eps: 1e-3 });
  });
  it.each(["", "N", "N=", "=2", "N=two", "N=1=2", "N=2,", "N=Infinity"])("refuses %j", (text) => {
    expect(() => readSizes(text)).toThrow(/name=number/);
  });
});

describe("whole numbers", () => {
  it("reads them", () => expect(readWhole("--trials", "20", 1)).toBe(20));
  it.each(["0", "-1", "1.5", "", "many", "1e99"])("refuses %j", (text) => {
    expect(() => readWhole("--trials", text, 1)).toThrow(/--trials has to be a whole number/);
  });
});

describe("a spec's name", () => {
  it("is its path from the working folder", () => {
    expect(displayName("/project/specs/a.layer", "/project")).toBe("specs/a.layer");
  });
  it("is the bare name outside of it, or where the path is no plain text", () => {
    expect(displayName("/other/a.layer", "/project")).toBe("a.layer");
    expect(displayName("/project/a\n*/--/a.layer", "/project")).toBe("a.layer");
  });
});

describe("what is watched for an argument", () => {
  it.each([
    ["specs", "/project/specs"],
    ["specs/**/*.layer", "/project/specs"],
    ["*.layer", "/project"],
    ["a/b.layer", "/project/a/b.layer"],
  ])("%s", (argument, path) => expect(watchedPath(argument, "/project")).toBe(path));
});
