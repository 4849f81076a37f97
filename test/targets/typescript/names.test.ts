import { expect, test } from "vitest";
import { key, makeScope, member, typePrefix } from "../../../src/targets/typescript/names.js";

test("identifiers are legal, unique and near the name", () => {
  const scope = makeScope(["mod"]);
  expect(scope.value("c")).toBe("c");
  expect(scope.value("c'")).toBe("c_");
  expect(scope.value("c''")).toBe("c__");
  expect(scope.value("mod")).toBe("mod2");
  expect(scope.value("await")).toBe("await2");
  expect(scope.value("NaN")).toBe("NaN2");
  expect(scope.value("γ")).toBe("γ");
  expect(scope.value("x̂")).toBe("x̂");
  expect(scope.value("a\u20DD")).toBe("a_"); // an enclosing mark may not stand in an identifier
  expect(scope.value("a_")).toBe("a_2");
  expect(scope.value("?z.0")).toBe("_z_0");
});

test("a name has one identifier, and tensors and values are namespaces", () => {
  const scope = makeScope([]);
  expect([scope.tensor("w"), scope.value("w"), scope.tensor("w"), scope.declare("w")]).toEqual([
    "w",
    "w2",
    "w",
    "w2",
  ]);
  expect([...scope.tensors, ...scope.read, ...scope.declared]).toEqual(["w", "w", "w"]);
});

test("properties and keys are quoted where they are no identifiers", () => {
  expect([member("in"), member("a\u20DD"), key("x̂"), key('"')]).toEqual([".in", '["a\u20DD"]', "x̂", '"\\""']);
});

test.each([
  ["conv2d", "Conv2d"],
  ["batch_norm1d", "BatchNorm1d"],
  ["lstmCell", "LstmCell"],
  ["_1", "_1"],
  ["_", "_"],
  ["$", "$"],
  ["éluer", "Éluer"],
])("the types of %s are called %s…", (layer, prefix) => {
  expect(typePrefix(layer)).toBe(prefix);
});
