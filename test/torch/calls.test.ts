/** What users call in `torch.py`: arguments by place and by name, modules, errors, types, awkward names. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { compileText } from "../../src/pipeline.js";
import { Torch } from "../../src/torch/process.js";
import { torchTexts } from "./support.js";

/** A program in Python, and the layers that stand beside it: `name.layer` is the module `name_layer`. */
interface Case {
  readonly layers: Readonly<Record<string, string>>;
  readonly program: string;
}
/** What each program prints. One process runs all of them: starting PyTorch takes seconds. */
async function printed(cases: readonly Case[]): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "leibniz-torch-"));
  const torch = await Torch.open();
  torch.close();
  try {
    for (const { layers } of cases)
      for (const [name, text] of Object.entries(layers))
        for (const [own, source] of await torchTexts(compileText(text, `${name}.layer`)))
          writeFileSync(join(folder, `${own}_layer.py`), source);
    const runner = `
import contextlib, io, json, sys
said = []
for program in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(program, "program", "exec"), {})
    said.append(out.getvalue().strip())
print(json.dumps(said))
`;
    const input = JSON.stringify(cases.map(({ program }) => program));
    const options = { cwd: folder, encoding: "utf8", input } as const;
    const { stdout, stderr } = spawnSync(torch.command, ["-c", runner], options);
    expect(stderr).toBe("");
    return JSON.parse(stdout) as readonly string[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const spec = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../specs/${name}.layer`), "utf8");

const cases = new Map<string, Case & { readonly says: readonly string[] }>();
/** A case of this name, and the lines that its program has to print. */
const saysOf = (name: string, layers: Case["layers"], program: string, says: readonly string[]): void =>
  void cases.set(name, { layers, program, says });

{
  const name = "takes tensors by place or by name, params by name, and has a module for the weights";
  const program = `
import torch
from conv2d_layer import conv2d, Conv2d
x, w, b = torch.randn(2, 3, 7, 5), torch.randn(4, 3, 3, 2), torch.randn(4)
z = conv2d(x, w, b, stride=2, pad=1)
print(torch.equal(z, conv2d(b=b, w=w, x=x, stride=2, pad=1)))
print(torch.allclose(z, torch.nn.functional.conv2d(x, w, b, stride=2, padding=1), atol=1e-5))
layer = Conv2d(w, b, stride=2, pad=1)
print(torch.equal(z, layer(x)), sorted(layer.state_dict()))
layer(x).sum().backward()
print(layer.w.grad.shape == w.shape)
print(conv2d(x.double(), w.double(), b.double()).dtype)
`;
  saysOf(name, { conv2d: spec("conv2d") }, program, [
    "True",
    "True",
    "True ['b', 'w']",
    "True",
    "torch.float64",
  ]);
}

{
  const name = "computes only the gradients that are asked for, and second derivatives through what was kept";
  const program = `
import torch
from softmax_layer import softmax
x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
first, = torch.autograd.grad(softmax(x).pow(2).sum(), x, create_graph=True)
second, = torch.autograd.grad(first.pow(2).sum(), x)
expected, = torch.autograd.grad(x.softmax(1).pow(2).sum(), x, create_graph=True)
print(torch.allclose(first, expected))
print(torch.allclose(second, torch.autograd.grad(expected.pow(2).sum(), x)[0]))
`;
  saysOf(name, { softmax: spec("softmax") }, program, ["True", "True"]);
}

{
  const name = "takes every type of reals that torch has";
  const program = `
import torch
from conv2d_layer import conv2d
from max_pool2d_layer import max_pool2d
from avg_pool2d_layer import avg_pool2d
shapes = {conv2d: ((2, 3, 5, 5), (4, 3, 3, 3), (4,)), max_pool2d: ((2, 3, 5, 5),), avg_pool2d: ((2, 3, 5, 5),)}
for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
    for layer, given in shapes.items():
        exact = [torch.randn(shape, dtype=torch.float64).to(dtype).double().requires_grad_() for shape in given]
        tensors = [t.detach().to(dtype).requires_grad_() for t in exact]
        found, expected = layer(*tensors), layer(*exact)
        found.sum().backward()
        expected.sum().backward()
        pairs = [(found, expected), *((t.grad, e.grad) for t, e in zip(tensors, exact))]
        most = 4 * torch.finfo(dtype).eps * max(1, *(e.abs().max().item() for _, e in pairs))
        print(all(f.dtype == dtype and (f.double() - e).abs().max() <= most for f, e in pairs))
`;
  const layers = { conv2d: spec("conv2d"), max_pool2d: spec("max_pool2d"), avg_pool2d: spec("avg_pool2d") };
  saysOf(
    name,
    layers,
    program,
    Array.from({ length: 12 }, () => "True"),
  );
}

{
  const name = "says what is wrong in the user's names";
  const program = `
import torch
from conv2d_layer import conv2d
from embedding_layer import embedding
def fails(call):
    try:
        call()
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
x, w, b = torch.randn(2, 3, 7, 5), torch.randn(4, 3, 3, 2), torch.randn(4)
fails(lambda: conv2d(x[0], w, b))
fails(lambda: conv2d(x, w[:, :2], b))
fails(lambda: conv2d(x, w, b, stride=0))
fails(lambda: conv2d(x[:, :, :2], w, b))
fails(lambda: conv2d(x, w, b, padding=1))
fails(lambda: embedding(torch.tensor([[0, 5]]), torch.randn(5, 2)))
`;
  saysOf(name, { conv2d: spec("conv2d"), embedding: spec("embedding") }, program, [
    "ValueError: x has 3 axes; it should have 4",
    "ValueError: w has the shape (4, 2, 3, 2); it should be (4, 3, 3, 2)",
    "ValueError: stride is below 1",
    "ValueError: the kernel is higher than the padded input",
    "TypeError: conv2d() got an unexpected keyword argument 'padding'",
    "IndexError: a value of t is out of range; its values lie in 0..4",
  ]);
}

{
  const name = "asks by name for sizes that no shape tells, and solves those that one does";
  const text = `
input x[N, G*C]
index t[N] < V
output y[N, G, C]
output hot[N, V]
y[n,g,c] = x[n, g*C + c]
hot[n,v] = where(t[n] == v, x[n, 0], 0)
`;
  const program = `
import inspect, torch
from split_layer import split
print(inspect.signature(split))
y, hot = split(torch.arange(12.0).reshape(2, 6), torch.tensor([1, 0], dtype=torch.int32), G=2, V=3)
print(tuple(y.shape), y[1, 1].tolist(), hot.tolist())
`;
  saysOf(name, { split: text }, program, [
    "(x, t, *, G, V)",
    "(2, 2, 3) [9.0, 10.0, 11.0] [[0.0, 0.0, 0.0], [6.0, 0.0, 0.0]]",
  ]);
}

{
  const name = "is legal Python whatever things are called";
  // keywords, built-ins, names that Python takes for one, members of modules, quotes and backslashes in text
  const text = `# It says """no""" \\ and \\" at the end "
param lambda = 2
input torch[max]
weight float[max]
weight ctx[max]
input ϕ[max]
input φ[max]
output x[max]
require max >= lambda, "a \\\\ and a ' in it"
x[in'] = lambda*torch[in'] + float[in'] * ctx[in'] + sum[in'' < max](ϕ[in'']*φ[in'])
`;
  const names = text.replaceAll("max", "del").replaceAll("in'", "i'");
  const program = `
import torch
from def_layer import *
import def_layer
one = torch.ones(3, dtype=torch.float64)
layer = getattr(def_layer, def_layer.__all__[0])
print(def_layer.__all__)
print(layer(one, one, one, one, 2 * one).tolist())
print(layer(one, one, one, 2 * one, one, lambda2=3).tolist())
`;
  saysOf(name, { def: names }, program, ["['def2', 'Def']", "[9.0, 9.0, 9.0]", "[10.0, 10.0, 10.0]"]);
}

let said: readonly string[] = [];
beforeAll(async () => {
  said = await printed([...cases.values()]);
});
it.each([...cases.keys()].map((name, i) => ({ name, i })))("$name", ({ name, i }) => {
  expect(said[i]?.split("\n")).toEqual(cases.get(name)?.says);
});
