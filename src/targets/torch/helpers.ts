/** Functions that `torch.py` carries where its code calls them. */
import { namesOf, type Helper } from "../code/helpers.js";
import { windowHelpers } from "./window-helpers.js";

const helpers = {
  _require: {
    source: `
def _require(holds, message):
    if not holds:
        raise ValueError(message)`,
  },
  _shape: {
    source: `
def _shape(name, tensor, rank):
    if tensor.dim() != rank:
        raise ValueError(f"{name} has {tensor.dim()} axes; it should have {rank}")
    return tensor.shape`,
  },
  _check_tensor: {
    source: `
def _check_tensor(name, tensor, *shape):
    if tuple(tensor.shape) != shape:
        raise ValueError(f"{name} has the shape {tuple(tensor.shape)}; it should be {shape}")`,
  },
  _check_index: {
    source: `
def _check_index(name, tensor, bound):
    """Values of an index tensor lie in 0..bound-1. Only asked of the CPU: a GPU would have to be waited for."""
    if tensor.device.type == "cpu" and bool(((tensor < 0) | (tensor >= bound)).any()):
        raise IndexError(f"a value of {name} is out of range; its values lie in 0..{bound - 1}")`,
  },
  _check_bounds: {
    source: `
def _check_bounds(text, axis, subscript, extent, given=True):
    outside = torch.as_tensor(((subscript < 0) | (subscript >= extent)) & given)
    if bool(outside.any()):
        raise IndexError(f"{text} is out of bounds on axis {axis}, whose extent is {extent}")`,
  },
  _put: {
    source: `
def _put(whole, place, value):
    """The tensor with the value at a place: itself, but where it is differentiated through, a copy."""
    if torch.is_grad_enabled():
        whole = whole.clone()
    whole[place] = value
    return whole`,
  },
  _axis: {
    source: `
def _axis(place, first, end, device):
    """The values first..end-1 of an index, along the axis with \`place\` axes after it."""
    values = torch.arange(first, max(first, end), device=device)
    return values.reshape(-1, *(1,) * place)`,
  },
  _bound: {
    source: `
def _bound(extreme, values):
    """The least or greatest of integers, as a number; 0 of none."""
    values = torch.as_tensor(values)
    return int(extreme(values)) if values.numel() > 0 else 0`,
  },
  _at: {
    source: `
def _at(tensor, *index):
    """tensor[index], and 0 where that is out of bounds."""
    index = torch.broadcast_tensors(*(torch.as_tensor(i, device=tensor.device) for i in index))
    if tensor.numel() == 0:
        return tensor.new_zeros(index[0].shape)
    inside = torch.ones_like(index[0], dtype=torch.bool)
    for i, extent in zip(index, tensor.shape):
        inside = inside & (i >= 0) & (i < extent)
    clamped = tuple(i.clamp(0, extent - 1) for i, extent in zip(index, tensor.shape))
    return torch.where(inside, tensor[clamped], 0)`,
  },
  _spread: {
    source: `
def _spread(value, *shape):
    """The value repeated along axes of this shape."""
    return value.expand(torch.broadcast_shapes(value.shape, tuple(max(0, n) for n in shape)))`,
  },
  _add_at: {
    source: `
def _add_at(shape, index, counts, value):
    """Zeros of this shape, to which the value is added at the index where it counts."""
    index = tuple(torch.as_tensor(i, device=value.device) for i in index)
    counts = torch.as_tensor(counts, device=value.device)
    for i, extent in zip(index, shape):
        counts = counts & (i >= 0) & (i < extent)
    *index, counts, value = torch.broadcast_tensors(*index, counts, value)
    clamped = tuple(i.clamp(0, extent - 1) for i, extent in zip(index, shape))
    return value.new_zeros(shape).index_put(clamped, torch.where(counts, value, 0), accumulate=True)`,
  },
  _first_greatest: {
    source: `
def _first_greatest(value, counts, axes):
    """Where the greatest of the values that count stands along the first axes, taken as one; -1 where none counts.
    Of equal ones it is the first; a NaN is greater than all."""
    counts = torch.as_tensor(counts, device=value.device)
    value, counts = (t.flatten(0, axes - 1) for t in torch.broadcast_tensors(value, counts))
    if value.shape[0] == 0:
        return value.new_full(value.shape[1:], -1, dtype=torch.int64)
    reached = torch.where(counts, value, -torch.inf)
    best = counts & ((reached == reached.amax(0)) | reached.isnan())
    return torch.where(counts.any(0), best.to(torch.int8).argmax(0), -1)`,
  },
  _greatest: {
    source: `
def _greatest(value, counts, axes):
    """The greatest of the values that count, along the first axes; -inf where none does. The first of equal ones has the gradient."""
    place = _first_greatest(value.detach(), counts, axes)
    counts = torch.as_tensor(counts, device=value.device)
    value = torch.broadcast_tensors(value, counts)[0].flatten(0, axes - 1)
    if value.shape[0] == 0:
        return value.new_full(value.shape[1:], -torch.inf)
    return torch.where(place >= 0, value.gather(0, place.clamp(min=0)[None])[0], -torch.inf)`,
    needs: ["_first_greatest"],
  },
  _maximum: {
    source: `
def _maximum(a, b):
    """a where a > b, else b, and so are the derivatives; NaN where either is."""
    return torch.where((a > b) | (a != a), a, b)`,
  },
  _minimum: {
    source: `
def _minimum(a, b):
    """a where a < b, else b, and so are the derivatives; NaN where either is."""
    return torch.where((a < b) | (a != a), a, b)`,
  },
  _gelu: {
    source: `
def _gelu(u):
    """u · Φ(u), exact where u is far below 0 too."""
    return 0.5 * u * torch.erfc(-(0.5**0.5) * u)`,
  },
  _modulo: {
    source: `
def _modulo(a, b):
    return a - b * torch.floor(a / b)`,
  },
  _lesser: {
    source: `
def _lesser(a, b):
    """The lesser of integers, of which at least one is a tensor."""
    return torch.where(torch.as_tensor(a < b), a, b)`,
  },
  _larger: {
    source: `
def _larger(a, b):
    """The larger of integers, of which at least one is a tensor."""
    return torch.where(torch.as_tensor(a > b), a, b)`,
  },
  _number: {
    source: `
def _number(function, *arguments):
    """The function of numbers, as a number."""
    return function(*(torch.tensor(a, dtype=torch.float64) for a in arguments)).item()`,
  },
  ...windowHelpers,
} as const satisfies Readonly<Record<string, Helper>>;

export type HelperName = keyof typeof helpers;
export const helperTable: Readonly<Record<HelperName, Helper<HelperName>>> = helpers;
export const helperNames: readonly HelperName[] = namesOf(helperTable);
