/** Functions of `torch.py` around torch's own that slide windows: with any pads, at as many places as are asked for. */
import type { Helper } from "../code/helpers.js";
import type { Rank } from "./windows.js";

type Kind<R extends Rank> =
  `_conv${R}d` | `_conv${R}d_input` | `_conv${R}d_weight` | `_sum_pool${R}d` | `_max_pool${R}d`;

const shared = ["_edges", "_padded", "_each"] as const;
type Shared = (typeof shared)[number];

/** Average pooling can be told to divide by 1, but along one axis alone. */
const sums: Readonly<Record<Rank, string>> = {
  1: `pooled = torch.nn.functional.avg_pool2d(
        data[:, :, None], (1, *taps), (1, *_each(stride, 1)), (0, *_each(pad, 1)), divisor_override=1
    )
    return pooled[:, :, 0]`,
  2: "return torch.nn.functional.avg_pool2d(data, taps, stride, pad, divisor_override=1)",
  3: "return torch.nn.functional.avg_pool3d(data, taps, stride, pad, divisor_override=1)",
};

const helpersFor = <R extends Rank>(rank: R): Readonly<Record<Kind<R>, Helper<Shared>>> => {
  const table: Readonly<Record<string, string>> = {
    [`_conv${rank}d`]: `(data, kernel, places, stride=1, pad=0, dilation=1, groups=1):
    """Sums of data[p * stride + r * dilation - pad] * kernel[r] over r; the data is 0 where it ends."""
    edges, same = _edges(data.shape[2:], kernel.shape[2:], places, stride, pad, dilation)
    if not same:
        data, pad = _padded(data, edges), 0
    return torch.nn.functional.conv${rank}d(data, kernel, None, stride, pad, dilation, groups)`,
    [`_conv${rank}d_input`]: `(places, kernel, data, stride=1, pad=0, dilation=1, groups=1):
    """Sums of data[(p + pad - r * dilation) / stride] * kernel[r] over r."""
    edges, same = _edges(places, kernel.shape[2:], data.shape[2:], stride, pad, dilation)
    if not same:
        places = [n + before + behind for n, before, behind in zip(places, edges[-2::-2], edges[::-2])]
    size = (data.shape[0], kernel.shape[1] * groups, *places)
    pads = pad if same else 0
    found = torch.nn.grad.conv${rank}d_input(size, kernel, data, stride, pads, dilation, groups)
    return found if same else _padded(found, [-edge for edge in edges])`,
    [`_conv${rank}d_weight`]: `(data, places, kernel, stride=1, pad=0, dilation=1, groups=1):
    """Sums of data[p * dilation + r * stride - pad] * kernel[r] over r."""
    edges, same = _edges(data.shape[2:], places, kernel.shape[2:], stride, pad, dilation)
    if not same:
        data, pad = _padded(data, edges), 0
    size = (kernel.shape[1], data.shape[1] // groups, *places)
    return torch.nn.grad.conv${rank}d_weight(data, size, kernel, stride, pad, dilation, groups)`,
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
    return torch.nn.functional.max_pool${rank}d(data, taps, stride, pad, dilation)`,
  };
  const helper = ([name, rest]: [string, string]): [string, Helper<Shared>] => [
    name,
    { source: `def ${name}${rest}`, needs: shared },
  ];
  return Object.fromEntries(Object.entries(table).map(helper)) as Record<Kind<R>, Helper<Shared>>;
};

export const windowHelpers = {
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
  _each: {
    source: `
def _each(value, axes):
    return value if isinstance(value, tuple) else (value,) * axes`,
  },
} as const;
