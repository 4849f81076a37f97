import { describe, expect, it } from "vitest";
import { linear, scale, workspace } from "./workspace.js";

describe("check", () => {
  it("prints a row a tensor and ends well", () => {
    const w = workspace({ "specs/linear.layer": linear, "specs/scale.layer": scale });
    const { status, stdout, stderr } = w.leibniz("check", "--trials", "5");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^layer +tensor +shapes tried +worst relative error +in float32 +verdict$/mu);
    for (const tensor of ["z", "dx", "dw", "db", "y"])
      expect(stdout).toMatch(new RegExp(`\\b${tensor} +\\d+ .* (agrees|proved)$`, "mu"));
    expect(stdout).toMatch(
      /2 layers and 1 variant, 8 tensors: all agree, \d gradients proved, worst relative error \d/,
    );
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
    expect(stdout).toMatch(
      /at N = 1, C = 1, K = 1: db\[0\] is claimed to be (\d+), and is \d+\n {2}with x = /,
    );
    expect(stdout).toMatch(
      /the term n = 0 counts 2 times dz\[0, 0\] in the claim, and 1 times in the gradient/,
    );
  });

  it("counts the claims that hold where several layers are checked", () => {
    const claimed = `${linear}claim db[k] = sum[n](dz[n,k])\n`;
    const w = workspace({ "specs/linear.layer": claimed, "specs/other.layer": claimed });
    const { status, stdout } = w.leibniz("check", "--trials", "2");
    expect(status).toBe(0);
    expect(stdout).not.toContain("the claim for db");
    expect(stdout).toMatch(/all agree, \d+ gradients and 2 claims proved/);
  });

  it("says how a claim was proved", () => {
    const claims =
      "claim db[k] = sum[n](dz[n,k])\nclaim dx[n,c] = sum[k](dz[n,k]*w[c,k]) + db[0] - sum[n'](dz[n',0])\n";
    const w = workspace({ "specs/linear.layer": linear + claims });
    const { status, stdout } = w.leibniz("check", "--trials", "4");
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /the claim for db is proved\n {2}it has the canonical form of the derived gradient/,
    );
    expect(stdout).toMatch(/the claim for dx is proved\n {2}equal in a prime field at \d+ random points/);
  });

  it("refuses --sizes that the layer does not allow", () => {
    const w = workspace({ "specs/linear.layer": linear });
    const { status, stderr } = w.leibniz("check", "--sizes", "N=0,C=1,K=1");
    expect(status).toBe(2);
    expect(stderr).toMatch(/N/);
    expect(stderr).not.toMatch(/^\s+at /mu);
  });

  it("refuses --sizes that no layer has, or that all compute", () => {
    const pool = "input x[N]\noutput y[P]\nP = floor(N/2)\ny[p] = max[r < 2](x[2*p + r])\n";
    const w = workspace({ "specs/linear.layer": linear, "specs/pool.layer": pool });
    const refused = (sizes: string): string => {
      const { status, stdout, stderr } = w.leibniz("check", "--sizes", sizes);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      return stderr;
    };
    expect(refused("N=2,Q=3")).toContain("no layer that is checked has a size or param Q; there are C, K, N");
    expect(refused("P=3")).toContain("P is computed from other sizes and cannot be given");
    // one that has it is enough
    expect(w.leibniz("check", "--sizes", "K=3", "--trials", "1").status).toBe(0);
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
          tensors: ["z", "dx", "dw", "db"].map((tensor) => ({
            tensor,
            verdict: tensor === "z" ? "agrees" : "proved",
          })),
          claims: [
            { tensor: "db", line: 10, verdict: "proved", method: "canonical form", counterexample: null },
          ],
        },
      ],
      problems: [],
    });
  });

  it("has what to write instead in its JSON, as build has", () => {
    const w = workspace({ "specs/bad.layer": "input x[N, C]\noutput z[N]\nz[n] = norm(x[n, :])\n" });
    const { status, stdout } = w.leibniz("check", "--json");
    expect(status).toBe(2);
    const { problems } = JSON.parse(stdout) as { problems: unknown };
    expect(problems).toEqual([
      {
        file: "specs/bad.layer",
        line: 3,
        column: 8,
        code: "no-function",
        message: "`norm` is written out here",
        hint: "write sqrt(sum[c](x[n, c]^2))",
      },
    ]);
    expect((JSON.parse(w.leibniz("build", "--json").stdout) as { problems: unknown }).problems).toEqual(
      problems,
    );
    expect(w.leibniz("check").stderr).toContain("hint: write sqrt(sum[c](x[n, c]^2))");
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
