import { describe, expect, it } from "vitest";
import { linear, scale, workspace } from "./workspace.js";

describe("check", () => {
  it("prints a row a tensor and ends well", () => {
    const w = workspace({ "specs/linear.layer": linear, "specs/scale.layer": scale });
    const { status, stdout, stderr } = w.leibniz("check", "--trials", "5");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^layer +tensor +shapes tried +worst relative error +in float32 +verdict$/mu);
    for (const tensor of ["z", "dx", "dw", "db", "y"])
      expect(stdout).toMatch(new RegExp(`\\b${tensor} +\\d+ .* agrees$`, "mu"));
    expect(stdout).toMatch(/2 layers and 1 variant, 8 tensors: all agree, worst relative error \d/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("gives the same report from the same seed", () => {
    const w = workspace({ "specs/linear.layer": linear });
    const [first, second, other] = ["1", "1", "2"].map(
      (seed) => w.leibniz("check", "--seed", seed, "--trials", "3").stdout,
    );
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it("fails on a refuted claim and shows the counterexample", () => {
    const w = workspace({ "specs/linear.layer": `${linear}claim db[k] = sum[n](dz[n,k]) * 2\n` });
    const { status, stdout } = w.leibniz("check", "--trials", "3");
    expect(status).toBe(1);
    expect(stdout).toMatch(/specs\/linear\.layer:10:1: the claim for db is refuted/);
  });

  it("refuses --sizes that the layer does not allow", () => {
    const w = workspace({ "specs/linear.layer": linear });
    const { status, stderr } = w.leibniz("check", "--sizes", "N=0,C=1,K=1");
    expect(status).toBe(2);
    expect(stderr).toMatch(/N/);
    expect(stderr).not.toMatch(/^\s+at /mu);
  });

  it("refuses sizes that would take too long, from the call or a check line", () => {
    const w = workspace({ "specs/linear.layer": linear });
    const called = w.leibniz("check", "--sizes", "N=1000000,C=1000,K=1000");
    expect(called.status).toBe(2);
    expect(called.stderr).toMatch(/specs\/linear\.layer.*too large to check/);
    w.write("specs/linear.layer", linear.replace("N = 2", "N = 1000000000"));
    expect(w.leibniz("check")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("too large to check"),
    });
  });

  it("prints one JSON document with --json", () => {
    const w = workspace({ "specs/linear.layer": `${linear}claim db[k] = sum[n](dz[n,k])\n` });
    const { status, stdout, stderr } = w.leibniz(
      "check",
      "--json",
      "--trials",
      "3",
      "--sizes",
      "N=4,C=5,K=6",
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      layers: [
        {
          spec: "specs/linear.layer",
          layer: "linear",
          tensors: ["z", "dx", "dw", "db"].map((tensor) => ({ tensor, verdict: "agrees" })),
          claims: [{ tensor: "db", line: 10, verdict: "unproved", counterexample: null }],
        },
      ],
      problems: [],
    });
  });

  it("reports a spec's problems and still checks the others", () => {
    const w = workspace({
      "specs/linear.layer": linear,
      "specs/bad.layer": "input x[N]\noutput z[N]\nz[i] = y[i]\n",
    });
    const { status, stdout, stderr } = w.leibniz("check", "--trials", "2");
    expect(status).toBe(2);
    expect(stderr).toContain("specs/bad.layer:3:8");
    expect(stdout).toContain("linear");
  });
});
