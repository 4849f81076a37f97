/** The program that a Python process runs for us: one request a line comes in, one answer a line goes out. */

/**
 * Tensors travel as base64 of little-endian float64 (int64 for integers), with their shapes. Answers that are no results carry
 * `error`.
 */
export const driver = String.raw`
import array, base64, json, sys, types
import torch

torch.set_num_threads(1)
modules = {}


def tensor_of(given, dtype):
    data = bytearray(base64.b64decode(given["data"]))
    kind = torch.int64 if given["integer"] else torch.float64
    flat = torch.frombuffer(data, dtype=kind).clone() if data else torch.zeros(0, dtype=kind)
    return flat.reshape(given["shape"]).to(kind if given["integer"] else dtype)


def data_of(tensor):
    values = tensor.detach().to(torch.float64).flatten().tolist()
    return base64.b64encode(array.array("d", values).tobytes()).decode()


def load(request):
    module = types.ModuleType(request["name"])
    exec(compile(request["source"], request["name"] + ".py", "exec"), module.__dict__)
    function = getattr(module, module.__all__[0])
    code = function.__code__
    names = code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount]
    modules[request["name"]] = (function, names)
    return {}


def called(request):
    """The layer at the request's settings, its arguments, and which of these are differentiated."""
    function, names = modules[request["name"]]
    dtype = getattr(torch, request["dtype"])
    settings = dict(zip(names, request["settings"]))
    arguments = [tensor_of(t, dtype) for t in request["tensors"]]
    places = [i for i, t in enumerate(request["tensors"]) if t["differentiated"]]
    for i in places:
        arguments[i].requires_grad_()

    def layer(*tensors):
        results = function(*tensors, **settings)
        return results if isinstance(results, tuple) else (results,)

    return layer, arguments, places


def run(request):
    layer, arguments, places = called(request)
    results = layer(*arguments)
    answer = {"outputs": [data_of(r) for r in results], "shapes": [list(r.shape) for r in results]}
    if "cotangents" in request:
        dtype = getattr(torch, request["dtype"])
        wanted = [i for i in places if request["wanted"] is None or i in request["wanted"]]
        pairs = [(r, tensor_of(c, dtype)) for r, c in zip(results, request["cotangents"]) if c is not None]
        pairs = [(r, c) for r, c in pairs if r.requires_grad]
        found = [None] * len(wanted)
        if pairs and wanted:
            found = torch.autograd.grad([r for r, _ in pairs], [arguments[i] for i in wanted], [c for _, c in pairs], allow_unused=True)
        answer["gradients"] = {
            i: data_of(torch.zeros_like(arguments[i]) if g is None else g) for i, g in zip(wanted, found)
        }
    return answer


def gradcheck(request):
    """PyTorch's own finite differences: of the layer, and of its gradients."""
    layer, arguments, places = called(request)
    if not any(r.requires_grad for r in layer(*arguments)):
        return {}

    def reals(*tensors):
        return tuple(r for r in layer(*tensors) if r.is_floating_point())

    check = getattr(torch.autograd, request["check"])
    check(reals, arguments, eps=1e-6, atol=1e-5, rtol=1e-3)
    return {}


actions = {"load": load, "run": run, "gradcheck": gradcheck}
answers = sys.stdout
sys.stdout = sys.stderr
print(json.dumps({"version": torch.__version__}), file=answers, flush=True)
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = actions[request["action"]](request)
    except Exception as error:
        answer = {"error": str(error) or type(error).__name__, "kind": type(error).__name__}
    print(json.dumps(answer), file=answers, flush=True)
`;
