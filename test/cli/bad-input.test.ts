/** Whatever the spec holds, the command says what is wrong, ends with status 2 and writes nothing of it. */
import { symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { command, linear, workspace, type Outcome, type Workspace } from "./workspace.js";

function expectRefused({ status, stdout, stderr }: Outcome, w: Workspace): void {
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/mu); // a stack trace
  expect(stderr).not.toContain(command);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(w.tree("generated")).toEqual({});
}

const declarations = "input x[N, C]\nweight w[C, K]\noutput z[N, K]\n";
/** title, text, line:column of the first problem, what the message has to name */
const texts: readonly (readonly [string, string, string, RegExp])[] = [
  ["an unknown name", `${declarations}z[n,k] = sum[c](x[n,c] * v[c,k])\n`, "4:26", /\bv\b/],
  ["an unknown function", `${declarations}z[n,k] = sum[c](frob(x[n,c]) * w[c,k])\n`, "4:17", /frob/],
  ["too few subscripts", `${declarations}z[n,k] = sum[c](x[n] * w[c,k])\n`, "4:17", /\bx\b/],
  [
    "the second occurrence of a name",
    `${declarations}z[n,k] = sum[c](x[n,c] * w[c,k]) + x[n]\n`,
    "4:36",
    /\bx\b/,
  ],
  ["an unbound index", `${declarations}z[n,k] = x[n,c] * w[c,k]\n`, "4:14", /\bc\b/],
  [
    "disagreeing extents",
    `input x[N]\ninput y[M]\noutput z\nz = sum[i](x[i] * y[i])\n`,
    "4:",
    /x[^]*y|N[^]*M/,
  ],
  ["a left-hand side that is not one-to-one", "input x[N]\noutput z[N]\nz[0*i] = x[i]\n", "3:", /z/],
  ["a double definition", `input x[N]\noutput z[N]\nz[i] = x[i]\nz[i] = 2*x[i]\n`, "4:1", /z/],
  [
    "a cyclic definition",
    `input x[N]\noutput z[N]\na[i] = b[i]\nb[i] = a[i]\nz[i] = x[i] + a[i]\n`,
    "3:",
    /b/,
  ],
  ["an output never defined", `input x[N]\noutput z[N]\noutput y[N]\nz[i] = x[i]\n`, "3:", /y/],
  ["a reserved word", "input sum[N]\noutput z[N]\nz[i] = sum[i]\n", "1:7", /sum/],
  ["the name of a cotangent", "input x[N]\ninput dz[N]\noutput z[N]\nz[i] = x[i] + dz[i]\n", "2:7", /dz/],
  [
    "a non-integer stride",
    "param stride = 1.5\ninput x[N]\noutput z[P]\nP = floor(N/stride)\nz[p] = sum[r < 1](x[p*stride + r])\n",
    "1:",
    /stride/,
  ],
  ["the name __proto__", "input __proto__[N]\noutput z[N]\nz[i] = __proto__[i]\n", "1:7", /__proto__/],
  ["code in a name", `input a"; process.exit()[N]\noutput z[N]\nz[i] = a[i]\n`, "1:", /./],
  ["an implicit product", "input x[N]\noutput z[N]\nz[i] = 2 x[i]\n", "3:", /\*/],
  ["an empty file", "", "1:1", /empty|no statement|nothing/i],
  ["comments only", "# nothing\n", "1:", /./],
  [
    "deep nesting",
    `input x[N]\noutput z[N]\nz[i] = ${"(".repeat(5000)}x[i]${")".repeat(5000)}\n`,
    "3:",
    /nest|deep/i,
  ],
  [
    "10,000-deep nesting, which is a long statement too",
    `input x[N]\noutput z[N]\nz[i] = ${"(".repeat(10_000)}x[i]${")".repeat(10_000)}\n`,
    "3:",
    /nest|deep|long|characters/i,
  ],
  ["an out-of-bounds read outside a reduction", "input x[N]\noutput z[N]\nz[i] = x[i + 1]\n", "3:", /x/],
];

describe("build refuses", () => {
  it.each(texts)("%s", (_, text, place, names) => {
    const w = workspace({ "specs/bad.layer": text });
    const outcome = w.leibniz("build");
    expectRefused(outcome, w);
    expect(outcome.stderr).toContain(`specs/bad.layer:${place}`);
    expect(outcome.stderr).toMatch(names);
  });

  it("a binary file", () => {
    const w = workspace({ "specs/bad.layer": Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256) });
    const outcome = w.leibniz("build");
    expectRefused(outcome, w);
    expect(outcome.stderr).toContain("specs/bad.layer:1:");
  });

  it.each(["2d.layer", "class.layer", "a b.layer", "a-b.layer", ".layer", "await.layer"])(
    "the layer name of %s",
    (name) => {
      const w = workspace({ [`specs/${name}`]: linear });
      const outcome = w.leibniz("build", `specs/${name}`);
      expectRefused(outcome, w);
    },
  );

  it("a variant whose name leaves the folder", () => {
    const w = workspace({ "specs/linear.layer": `${linear}variant ../evil: C = 3\n` });
    const outcome = w.leibniz("build");
    expectRefused(outcome, w);
    expect(outcome.stderr).toContain("specs/linear.layer:10:");
    expect(w.exists("evil")).toBe(false);
  });

  it("all files' problems at once", () => {
    const w = workspace({
      "specs/one.layer": "input x[N]\noutput z[N]\nz[i] = y[i] + u[i]\n",
      "specs/two.layer": "input x[N]\noutput z[N]\nz[i] = x[j]\n",
    });
    const outcome = w.leibniz("build");
    expectRefused(outcome, w);
    for (const place of ["one.layer:3:8", "one.layer:3:15", "two.layer:3:"])
      expect(outcome.stderr).toContain(place);
  });

  it("nothing that is legal: constructor is a name like any other", () => {
    const w = workspace({
      "specs/constructor.layer":
        "input hasOwnProperty[N]\noutput valueOf[N]\nvalueOf[i] = hasOwnProperty[i] * 2\n",
    });
    expect(w.leibniz("build")).toMatchObject({ status: 0, stderr: "" });
    expect(w.leibniz("check", "--trials", "2")).toMatchObject({ status: 0, stderr: "" });
  });
});

it("a spec that is a link to nothing keeps its files, and fails the build; the others are built", () => {
  const w = workspace({ "specs/linear.layer": linear, "specs/other.layer": linear });
  expect(w.leibniz("build").status).toBe(0);
  const before = w.read("generated/linear/index.ts");
  w.remove("specs/linear.layer");
  symlinkSync("nowhere.layer", w.path("specs/linear.layer"));
  w.remove("specs/other.layer");
  w.write("specs/other.layer", linear.replace("+ b[k]", "- b[k]"));
  // what an editor leaves beside a file that it has open
  symlinkSync("someone@somewhere.1", w.path("specs/.#other.layer"));
  const { status, stdout, stderr } = w.leibniz("build");
  expect(status).toBe(2);
  expect(stderr).toMatch(/^specs\/linear\.layer:1:1: the file cannot be read: .*\(ENOENT\)/u);
  expect(stdout).toMatch(/built 1 layer/u);
  expect(w.read("generated/linear/index.ts")).toBe(before);
});
