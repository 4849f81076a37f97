/** Functions of `torch.py` around torch's own that slide windows: with any pads, at as many places as are asked for. */
import type { Helper } from "../code/helpers.js";
import type { Rank } from "./windows.js";

type Kind<R extends Rank> =
  `_conv${R}d` | `_conv${R}d_input` | `_conv${R}d_weight` | `_sum_pool${R}d` | `_max_pool${R}d`;

const shared = ["_edges", "_padded", "_each", "_widened"] as const;
type Shared = (typeof shared)[number];

/** Average pooling that divides by 1; torch has it along two axes and three. */
const sums: Readonly<Record<Rank, string>> = {
  1: `pads = (0, *_each(pad, 1))
    own = (data[:, :, None], (1, *taps), (1, *_each(stride, 1)), pads, False, True, 1)
    return _widened(torch.nn.functional.avg_pool2d, *own)[:, :, 0]`,
  2: "return _widened(torch.nn.functional.avg_pool2d, data, taps, stride, pad, False, True, 1)",
  3: "return _widened(torch.nn.functional.avg_pool3d, data, taps, stride, pad, False, True, 1)",
};

const helpersFor = <R extends Rank>(rank: R): Readonly<Record<Kind<R>, Helper<Shared>>> => {
  const table: Readonly<Record<string, string>> = {
    [`_conv${rank}d`]: `(data, kernel, places, stride=1, pad=0, dilation=1, groups=1):
    """Sums of data[p * stride + r * dilation - pad] * kernel[r] over r; the data is 0 where it ends."""
    edges, same = _edges(data.shape[2:], kernel.shape[2:], places, stride, pad, dilation)
    if not same:
        data, pad = _padded(data, edges), 0
    return _widened(torch.nn.functional.conv${rank}d, data, kernel, None, stride, pad, dilation, groups)`,
    [`_conv${rank}d_input`]: `(places, kernel, data, stride=1, pad=0, dilation=1, groups=1):
    """Sums of data[(p + pad - r * dilation) / stride] * kernel[r] over r."""
    edges, same = _edges(places, kernel.shape[2:], data.shape[2:], stride, pad, dilation)
    if not same:
        places = [n + before + behind for n, before, behind in zip(places, edges[-2::-2], edges[::-2])]
    size = (data.shape[0], kernel.shape[1] * groups, *places)
    own = (size, kernel, data, stride, pad if same else 0, dilation, groups)
    found = _widened(torch.nn.grad.conv${rank}d_input, *own)
    return found if same else _padded(found, [-edge for edge in edges])`,
    [`_conv${rank}d_weight`]: `(data, places, kernel, stride=1, pad=0, dilation=1, groups=1):
    """Sums of data[p * dilation + r * stride - pad] * kernel[r] over r."""
    edges, same = _edges(data.shape[2:], places, kernel.shape[2:], stride, pad, dilation)
    if not same:
        data, pad = _padded(data, edges), 0
    size = (kernel.shape[1], data.shape[1] // groups, *places)
    return _widened(torch.nn.grad.conv${rank}d_weight, data, size, kernel, stride, pad, dilation, groups)`,
    [`_sum_pool${rank}d`]: `(data, taps, places, stride=1, pad=0):
    """Sums of data[p * stride + r - pad] over r; the data is 0 where it ends."""
    if min(taps) < 1:
        return data.new_zeros((*data.shape[:2], *places))
    edges, same = _edges(data.shape[2:], taps, places, stride, pad, 1)
    if not same or any(2 * p > r for p, r in zip(_each(pad, ${rank}), taps)):
        data, pad = _padded(data, edges), 0
    ${sums[rank]}`,
    [`_max_pool${rank}d`]: `(data, taps, places, stride=1, pad=0, dilation=1):
    """The greatest of data[p * stride + r * dilation - pad] over r; -inf where all of them lie outside."""
    if min(taps) < 1:
        return data.new_full((*data.shape[:2], *places), -torch.inf)
    edges, same = _edges(data.shape[2:], taps, places, stride, pad, dilation)
    if not same or any(2 * p > r for p, r in zip(_each(pad, ${rank}), taps)):
        data, pad = _padded(data, edges, -torch.inf), 0
    return _widened(torch.nn.functional.max_pool${rank}d, data, taps, stride, pad, dilation)`,
  };
  const helper = ([name, rest]: [string, string]): [string, Helper<Shared>] => [
    name,
    { source: `def ${name}${rest}`, needs: shared.filter((other) => rest.includes(`${other}(`)) },
  ];
  return Object.fromEntries(Object.entries(table).map(helper)) as Record<Kind<R>, Helper<Shared>>;
};

const views = {
  _windows: {
    source: `
def _windows(data, taps, places, stride=1, pad=0, dilation=1):
    """data[..., p * stride + r * dilation - pad] as a view with the axes p and r; 0 where that is out of bounds."""
    first = data.dim() - len(taps)
    data = _padded(data, _edges(data.shape[first:], taps, places, stride, pad, dilation)[0])
    each = (_each(value, len(taps)) for value in (stride, dilation))
    for axis, (r, s, d) in enumerate(zip(taps, *each), first):
        data = data.unfold(axis, (r - 1) * d + 1, s)[..., ::d]
    return data`,
    needs: ["_edges", "_padded", "_each"],
  },
  _fold1d: {
    source: `
def _fold1d(data, places, stride=1, pad=0, dilation=1):
    """Sums of data[..., r, p] where p * stride + r * dilation - pad is the place."""
    edges, same = _edges(places, data.shape[2:3], data.shape[3:], stride, pad, dilation)
    size, pad = (places[0], pad) if same else (places[0] + sum(edges), 0)
    stride, pad, dilation = (_each(value, 1)[0] for value in (stride, pad, dilation))
    found = torch.nn.functional.fold(
        data.flatten(1, 2), (1, size), (1, data.shape[2]), (1, dilation), (0, pad), (1, stride)
    )[:, :, 0]
    return found if same else _padded(found, [-edge for edge in edges])`,
    needs: ["_edges", "_padded", "_each"],
  },
  _fold2d: {
    source: `
def _fold2d(data, places, stride=1, pad=0, dilation=1):
    """Sums of data[..., r, p] where p * stride + r * dilation - pad is the place."""
    taps = data.shape[2:4]
    edges, same = _edges(places, taps, data.shape[4:], stride, pad, dilation)
    if not same:
        places, pad = [n + sum(edges[i : i + 2]) for n, i in zip(places, (2, 0))], 0
    found = torch.nn.functional.fold(data.flatten(1, 3).flatten(2), places, taps, dilation, pad, stride)
    return found if same else _padded(found, [-edge for edge in edges])`,
    needs: ["_edges", "_padded"],
  },
} as const;

export const windowHelpers = {
  ...views,
  ...helpersFor(1),
  ...helpersFor(2),
  ...helpersFor(3),
  _edges: {
    source: `
def _edges(extents, taps, places, stride, pad, dilation):
    """How far windows at these places reach beyond the extents, before and behind, the last axis first; and whether torch's own
    windows with this pad are as many."""
    each = (_each(value, len(taps)) for value in (stride, pad, dilation))
    edges, same = [], True
    for extent, r, n, s, p, d in zip(extents, taps, places, *each):
        behind = (n - 1) * s + (r - 1) * d + 1 - p - extent
        edges = [p, behind, *edges]
        same = same and 0 <= p and p - s < behind <= p
    return edges, same`,
    needs: ["_each"],
  },
  _padded: {
    source: `
def _padded(data, edges, value=0):
    """The data padded before and behind its last axes, or cut where an edge is negative."""
    data = torch.nn.functional.pad(data, [max(0, edge) for edge in edges], value=value)
    return torch.nn.functional.pad(data, [min(0, edge) for edge in edges]) if min(edges) < 0 else data`,
  },
  _widened: {
    source: `
def _widened(function, *arguments):
    """The function's value, by way of float32 where tensors are float16 on a CPU: there torch slides no windows over these."""
    like = [a for a in arguments if isinstance(a, torch.Tensor)][0]
    if like.dtype != torch.float16 or like.device.type != "cpu":
        return function(*arguments)
    return function(*(a.float() if isinstance(a, torch.Tensor) else a for a in arguments)).half()`,
  },
  _each: {
    source: `
def _each(value, axes):
    return value if isinstance(value, tuple) else (value,) * axes`,
  },
} as const;
