import { expect, test } from "vitest";
import { parseLayer } from "../../src/language/parse.js";
import { LayerError, positionOf, renderProblems } from "../../src/language/problem.js";

const text = "input x[N, C]\noutput z[N]\nz[n] = sum[c](xx[n, c]) + 2 x[n, 0]\ncheck N = 0\n";

test("a problem shows its place, the line with a marker, and the mend", () => {
  const { problems, source } = parseLayer(text.replace(" + 2 x[n, 0]", ""), "specs/sample.layer");
  expect(renderProblems(source, problems)).toMatchInlineSnapshot(`
    "specs/sample.layer:3:15: there is no tensor xx
      2 | output z[N]
    > 3 | z[n] = sum[c](xx[n, c])
        |               ^^
      4 | check N = 0
      hint: did you mean x?

    specs/sample.layer:4:11: N is a size: its value must be an integer of at least 1
      3 | z[n] = sum[c](xx[n, c])
    > 4 | check N = 0
        |           ^
      5 |"
  `);
});

test("colours only where asked for", () => {
  const { problems, source } = parseLayer(text, "sample.layer");
  expect(renderProblems(source, problems)).not.toContain("\u001B[");
  expect(renderProblems(source, problems, { color: true })).toContain("\u001B[");
});

test("an error carries all problems of its text", () => {
  const { problems, source } = parseLayer(text, "sample.layer");
  const error = new LayerError(problems, source);
  expect(error.message).toBe(renderProblems(source, problems));
  expect(error.problems.map((p) => p.code)).toEqual(["unknown-tensor", "implicit-product", "size-value"]);
});

test("columns of a long line, of control characters and of none", () => {
  const long = `input x[N]\noutput z[N]\nz[n] = ${"1 + ".repeat(100)}y[n]`;
  const parsed = parseLayer(long, "sample.layer");
  const [, frame = ""] = renderProblems(parsed.source, parsed.problems).split("\n");
  expect(frame.length).toBeLessThan(220);
  expect(renderProblems(parsed.source, parsed.problems)).toContain(
    "sample.layer:3:408: there is no tensor y",
  );
  const strange = parseLayer("input x[N]\u001B[31m", "sample.layer");
  expect(renderProblems(strange.source, strange.problems)).not.toContain("\u001B");
  const empty = parseLayer("", "sample.layer");
  expect(renderProblems(empty.source, empty.problems)).toContain(
    "sample.layer:1:1: the file holds no statement",
  );
});

test("positions count lines of every ending", () => {
  expect(positionOf("a\r\nb\rc\nd", 7)).toEqual({ line: 4, column: 1 });
  expect(positionOf("\uFEFFab", 2)).toEqual({ line: 1, column: 2 });
  expect(positionOf("", 9)).toEqual({ line: 1, column: 1 });
});
