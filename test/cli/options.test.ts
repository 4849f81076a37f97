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

it("--sizes gives each name once", () => {
  expect(() => readSizes("N=3, C=1,N=4")).toThrow(/N is given twice/);
});

describe("whole numbers", () => {
  it("reads them", () => expect(readWhole("--trials", "20", 1)).toBe(20));
  it.each(["0", "-1", "1.5", "", "many", "1e99"])("refuses %j", (text) => {
    expect(() => readWhole("--trials", text, 1)).toThrow(/--trials has to be a whole number/);
  });
});

describe("a spec's name", () => {
  it.each([
    ["/project/specs/a.layer", "/project/generated", "specs/a.layer"],
    ["/project/layers/deep/a.layer", "/project/src/kernels", "layers/deep/a.layer"],
    ["/project/src/a.layer", "/project/src/kernels", "a.layer"],
    ["/project/a.layer", "/project", "a.layer"],
    ["/other/a.layer", "/project/generated", "a.layer"],
  ])("of %s for %s is %s, whatever the working folder", (path, out, name) => {
    expect(displayName(path, out)).toBe(name);
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
