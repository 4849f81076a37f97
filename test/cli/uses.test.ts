/** Specs that use others: where these are found, and what a change of one of them makes stale. */
import { describe, expect, it } from "vitest";
import { workspace, type Workspace } from "./workspace.js";

const twice = "input x[N]\noutput y[N]\ny[n] = 2*x[n]\nvariant twice_of_three: N = 3\n";
const caller = "use twice\ninput x[N]\noutput z\nz = 1 + twice(x)\n";

/** The factor of the built caller's kernel, whatever it is written as. */
const formulaOf = (w: Workspace, layer = "caller"): string =>
  /z\[n\] = .*/u.exec(w.read(`generated/${layer}/derivation.md`))?.[0] ?? "";
const hashOf = (w: Workspace): string =>
  /sha256 ([0-9a-f]+)/u.exec(w.read("generated/caller/index.ts"))?.[1] ?? "";
const statementOf = (w: Workspace): string =>
  /twice_1_y\[n\] = .*/u.exec(w.read("generated/caller/derivation.md"))?.[0] ?? "";

describe("a used layer is found", () => {
  const by = (factor: number): string => twice.replace("2*", `${factor}*`);
  it.each([
    [
      "beside the spec",
      { "specs/a/caller.layer": caller, "specs/a/twice.layer": by(3), "specs/twice.layer": by(5) },
      3,
    ],
    ["among the project's specs", { "specs/a/caller.layer": caller, "specs/b/twice.layer": by(5) }, 5],
    [
      "where the configuration says that they are",
      {
        "leibniz.config.mjs": 'export default { specs: ["layers"] };\n',
        "specs/caller.layer": caller,
        "layers/twice.layer": by(7),
      },
      7,
    ],
    [
      "by a variant's name",
      {
        "specs/a/caller.layer": caller.replaceAll("twice", "twice_of_three").replace("x[N]", "x[3]"),
        "specs/b/twice.layer": by(9),
      },
      9,
    ],
  ] as const)("%s", (_, files, factor) => {
    const w = workspace(files);
    const spec = Object.keys(files).find((file) => file.endsWith("caller.layer"))!;
    const { status, stderr } = w.leibniz("build", spec);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(w.read("generated/caller/derivation.md")).toContain(`${factor} * x[n]`);
  });

  it("among the standard layers", () => {
    const w = workspace({
      "specs/caller.layer": "use softmax, conv1x1\ninput x[N, C]\noutput z\nz = softmax(x)\n",
    });
    expect(w.leibniz("build")).toMatchObject({ status: 0, stderr: "" });
    expect(w.leibniz("check", "--trials", "2", "--sizes", "N=2")).toMatchObject({ status: 0 });
    expect(w.leibniz("derive", "specs/caller.layer").stdout).toContain("z_total[n]");
  });
});

it("makes the caller stale when it changes, also in a comment", () => {
  const w = workspace({ "specs/caller.layer": caller, "specs/twice.layer": twice });
  expect(w.leibniz("build").status).toBe(0);
  const [hash, statement] = [hashOf(w), statementOf(w)];
  expect(statement).toContain("2 * x[n]");
  expect(w.leibniz("build", "--check", "specs/caller.layer").status).toBe(0);

  w.write("specs/twice.layer", `# The same.\n${twice}`);
  const stale = w.leibniz("build", "--check", "--json", "specs/caller.layer");
  expect(stale.status).toBe(1);
  expect((JSON.parse(stale.stdout) as { stale: string[] }).stale).toContain("caller/index.ts");
  expect(w.leibniz("build").status).toBe(0);
  expect(hashOf(w)).not.toBe(hash);
  expect(statementOf(w)).toBe(statement);

  // as does one that takes its place
  const before = hashOf(w);
  w.write("other/twice.layer", twice);
  w.write("other/caller.layer", caller);
  w.write("specs/twice.layer", twice);
  expect(w.leibniz("build").status).toBe(0);
  expect(hashOf(w)).toBe(hash);
  expect(before).not.toBe(hash);
  expect(formulaOf(w)).toBe("z[n] = 1 + twice_1_y[n]");
});

it("shows both places of what is wrong, to people and to programs", () => {
  const w = workspace({
    "specs/caller.layer": caller,
    "specs/twice.layer": twice.replace("2*x[n]", "2*x[n + 1]"),
  });
  const { status, stderr } = w.leibniz("build", "specs/caller.layer");
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /specs\/caller\.layer:4:9: x\[n \+ 1\] reads[^]*> 4 \| z = 1 \+ twice\(x\)[^]*specs\/twice\.layer:3:10, in the layer that is called:[^]*> 3 \| y\[n\] = 2\*x\[n \+ 1\]/u,
  );
  const json = JSON.parse(w.leibniz("build", "specs/caller.layer", "--json").stdout) as {
    readonly problems: readonly object[];
  };
  expect(json.problems).toMatchObject([
    {
      line: 4,
      column: 9,
      code: "out-of-bounds",
      origins: [{ file: "specs/twice.layer", line: 3, column: 10 }],
    },
  ]);
});
