"""Where the windows of convolution and pooling lie: sizes, pads, strides and dilation.

One rule for both (Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning";
"SAME" and "VALID" as TensorFlow publishes them), and which windows have a cell in the input. The
views of windows are those of convolution: of arrays that are channels last, (N, H, W, C); a
transposed view of another layout will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, NamedTuple, TypeAlias

from numpy.lib.stride_tricks import as_strided

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.errors import OptionError, ShapeError

Pair: TypeAlias = tuple[int, int]
Padding: TypeAlias = str | int | Sequence[Sequence[int]]
PADDINGS = ("SAME", "VALID")
LAYOUTS = ("NHWC", "NCHW")
AXES = ("rows", "columns")


class Geometry(NamedTuple):
    """Where windows lie on the two spatial axes; every field is a pair, (rows, columns).

    Attributes
    ----------
    size, kernel, stride, dilation : pair of int
        The input, the window, the step from window to window, and the step inside one.
    pads : pair of pairs
        Cells that are added before and after each axis.
    overhang : pair of int
        Cells beyond those pads that the last window reaches where sizes are rounded up.
    out : pair of int
        How many windows there are.
    """

    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    pads: tuple[Pair, Pair]
    overhang: Pair
    out: Pair

    @property
    def span(self) -> Pair:
        """The cells from a window's first to its last, both included."""
        return span(self.kernel, self.dilation)

    @property
    def padded(self) -> Pair:
        """The size with pads and overhang."""
        (top, bottom), (left, right) = self.pads
        return (
            self.size[0] + top + bottom + self.overhang[0],
            self.size[1] + left + right + self.overhang[1],
        )


def geometry(
    op: str,
    size: Shape,
    kernel: Shape,
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool = False,
    axes: tuple[str, str] = AXES,
) -> Geometry:
    """Return where windows of ``kernel`` lie on an input of ``size``, both (rows, columns).

    Parameters
    ----------
    op : str
        The operation that errors name.
    size, kernel : pair of int
        The input's and the window's rows and columns.
    stride, dilation : int or pair of int
        At least 1.
    padding : {"SAME", "VALID"}, int or ((top, bottom), (left, right))
        SAME gives ceil(size / stride) windows: max((out - 1) stride + span - size, 0) cells are
        added, the smaller half before. VALID adds none. Otherwise there are
        floor((size + pads - span) / stride) + 1 windows.
    ceil_mode : bool
        Round that division up, as pooling may: a window that starts inside the input or the pads
        before it counts although it reaches beyond the pads after it. SAME rounds up by itself.
    axes : pair of str
        The names of the two axes in errors.

    Raises
    ------
    OptionError
        If a stride or dilation is no integer of at least 1, or the padding is none of the above.
    ShapeError
        If a window is empty, or does not fit into the input with its pads; with ``ceil_mode`` if
        it is larger by a stride or more.

    Examples
    --------
    >>> g = geometry("conv2d", (5, 5), (3, 3), stride=2, padding="SAME", dilation=1)
    >>> g.out, g.pads
    ((3, 3), ((1, 1), (1, 1)))
    """
    steps, apart = pair(op, "stride", stride), pair(op, "dilation", dilation)
    named, given = _padding(op, padding)
    rows, columns = (
        _axis(op, axes[i], size[i], kernel[i], steps[i], apart[i], named, given[i], ceil_mode)
        for i in (0, 1)
    )
    return Geometry(
        size=(size[0], size[1]),
        kernel=(kernel[0], kernel[1]),
        stride=steps,
        dilation=apart,
        pads=(rows[0], columns[0]),
        overhang=(rows[1], columns[1]),
        out=(rows[2], columns[2]),
    )


def transposed_geometry(
    op: str,
    size: Shape,
    kernel: Shape,
    *,
    stride: Any,
    padding: Any,
    dilation: Any,
    output_padding: Any = 0,
) -> Geometry:
    """Return the geometry of the convolution that makes ``size`` of a transposed one's result.

    Parameters
    ----------
    op : str
        The operation that errors name.
    size, kernel : pair of int
        The transposed convolution's input, and the window, both (rows, columns).
    stride, dilation : int or pair of int
        At least 1.
    padding : {"SAME", "VALID"}, int or ((top, bottom), (left, right))
        The convolution's. SAME gives a result of size stride. Otherwise it has
        (size - 1) stride + span - pads + output_padding cells.
    output_padding : int or pair of int
        Cells after the last that a window reaches: which of the sizes that the convolution takes
        to ``size`` is meant. Less than stride or than dilation.

    Raises
    ------
    OptionError
        If a stride, dilation or padding is none of the above, or output_padding is too large or
        beside SAME, which says the size already.
    ShapeError
        If a window is empty, or the pads leave nothing of the result.

    Examples
    --------
    >>> g = transposed_geometry("t", (3, 3), (3, 3), stride=2, padding=1, dilation=1)
    >>> g.size, g.out
    ((5, 5), (3, 3))
    """
    steps, apart = pair(op, "stride", stride), pair(op, "dilation", dilation)
    extra = pair(op, "output_padding", output_padding, low=0)
    named, given = _padding(op, padding)
    if named == "SAME":
        if extra != (0, 0):
            raise OptionError(
                op,
                got=f"output_padding={output_padding!r} beside padding='SAME'",
                needs="output_padding=0, for SAME makes size * stride cells",
                cause="Explicit pads leave the size open; SAME does not.",
            )
        whole = (size[0] * steps[0], size[1] * steps[1])
        return geometry(op, whole, kernel, stride=steps, padding=padding, dilation=apart)
    for axis in (0, 1):
        if extra[axis] >= max(steps[axis], apart[axis]):
            raise OptionError(
                op,
                got=f"output_padding={output_padding!r} with stride={stride!r} and "
                f"dilation={dilation!r}",
                needs="output_padding less than the stride or than the dilation",
                cause="More cells would be another window's; was a pad of the input meant?",
            )
    rows, columns = (
        _transposed_size(op, AXES[i], size[i], kernel[i], steps[i], apart[i], given[i], extra[i])
        for i in (0, 1)
    )
    return Geometry(
        size=(rows, columns),
        kernel=(kernel[0], kernel[1]),
        stride=steps,
        dilation=apart,
        pads=given,
        overhang=(0, 0),
        out=(size[0], size[1]),
    )


def span(kernel: Pair, dilation: Pair) -> Pair:
    """Return the cells from the first to the last of a dilated window, both included."""
    return (kernel[0] - 1) * dilation[0] + 1, (kernel[1] - 1) * dilation[1] + 1


def pair(op: str, name: str, value: Any, *, low: int = 1) -> Pair:
    """Return an int or a pair of ints, each of at least ``low``, as a pair."""
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise OptionError(
                op,
                got=f"{name}={value!r}",
                needs=f"{name} as an int or a pair, (rows, columns)",
                cause="Are steps for the batch and channel axes among them?",
            )
        return checks.count(op, name, value[0], low=low), checks.count(op, name, value[1], low=low)
    n = checks.count(op, name, value, low=low)
    return n, n


def windows(x: Array, g: Geometry) -> Array:
    """Return every window of x, which has the padded size, as a read-only view.

    x (N, H, W, C) -> (N, OH, OW, KH, KW, C). Nothing is copied.

    Examples
    --------
    >>> g = geometry("conv2d", (1, 5), (1, 2), stride=2, padding="VALID", dilation=1)
    >>> import numpy as np
    >>> windows(np.arange(5.0).reshape(1, 1, 5, 1), g)[0, 0, :, 0, :, 0]
    array([[0., 1.],
           [2., 3.]])
    """
    n, h, w, c = x.strides
    return as_strided(
        x,
        (x.shape[0], *g.out, *g.kernel, x.shape[3]),
        (
            n,
            h * step(g.stride[0], g.out[0]),
            w * step(g.stride[1], g.out[1]),
            h * step(g.dilation[0], g.kernel[0]),
            w * step(g.dilation[1], g.kernel[1]),
            c,
        ),
        writeable=False,
    )


def step(length: int, count: int) -> int:
    """Return the step between ``count`` things, or 0 for one, whose step may be of any length."""
    return length if count > 1 else 0


def inside(offset: int, stride: int, size: int, among: slice) -> tuple[slice, slice]:
    """Return which r of ``among`` have 0 <= r stride + offset < size, and these places.

    The r are counted from the start of ``among``.

    Examples
    --------
    >>> inside(-1, 2, 4, slice(0, 3))
    (slice(1, 3, None), slice(1, 4, 2))
    """
    start = max(among.start, -(offset // stride))
    stop = min(among.stop, (size - 1 - offset) // stride + 1)
    if stop <= start:
        return slice(0, 0), slice(0, 0)
    first, last = start * stride + offset, (stop - 1) * stride + offset
    return slice(start - among.start, stop - among.start), slice(first, last + 1, stride)


def padding_cause(padding: Any, otherwise: str) -> str:
    """Return what may be wrong with a padding that is none, ``otherwise`` where it is no name."""
    if not isinstance(padding, str):
        return otherwise
    if padding.upper() in PADDINGS:
        return f"Names are upper case: did you mean {padding.upper()!r}?"
    return checks.nearest(padding, PADDINGS)


def places(x: Array, g: Geometry, i: int, j: int) -> Array:
    """Return the cell (i, j) of every window of x, which has the padded size, as a view.

    x (N, H, W, C) -> (N, OH, OW, C). Within it no two elements share memory, so that ``+=`` on it,
    cell after cell, is the adjoint of :func:`windows`.
    """
    top, left = i * g.dilation[0], j * g.dilation[1]
    bottom = top + (g.out[0] - 1) * g.stride[0] + 1
    right = left + (g.out[1] - 1) * g.stride[1] + 1
    return x[:, top : max(bottom, 0) : g.stride[0], left : max(right, 0) : g.stride[1]]


def check_layout(op: str, layout: Any) -> bool:
    """Return whether the layout is channels first; refuse what is no layout."""
    return checks.choice(op, "layout", layout, LAYOUTS) == "NCHW"


def _padding(op: str, padding: Any) -> tuple[str | None, tuple[Pair, Pair]]:
    """Return the padding's name, or None and the pads that were given."""
    none = ((0, 0), (0, 0))
    if isinstance(padding, str) and padding in PADDINGS:
        return padding, none
    if isinstance(padding, Integral):
        n = checks.count(op, "padding", padding)
        return None, ((n, n), (n, n))
    if (
        isinstance(padding, list | tuple)
        and len(padding) == 2
        and all(isinstance(p, list | tuple) and len(p) == 2 for p in padding)
    ):
        (top, bottom), (left, right) = (
            [checks.count(op, "padding", n) for n in p] for p in padding
        )
        return None, ((top, bottom), (left, right))
    raise OptionError(
        op,
        got=f"padding={padding!r}",
        needs="'SAME', 'VALID', an int or ((top, bottom), (left, right))",
        cause=padding_cause(
            padding, "Was a pair (rows, columns) meant as ((rows, rows), (columns, columns))?"
        ),
    )


def _axis(
    op: str,
    axis: str,
    size: int,
    kernel: int,
    stride: int,
    dilation: int,
    named: str | None,
    given: Pair,
    ceil_mode: bool,
) -> tuple[Pair, int, int]:
    """Return pads, overhang and the number of windows along one axis."""
    _check_window(op, kernel)
    reach = (kernel - 1) * dilation + 1
    if named == "SAME":
        out = -(-size // stride)
        total = max((out - 1) * stride + reach - size, 0) if size else 0
        return (total // 2, total - total // 2), 0, out
    room = size + sum(given) - reach
    out, overhang = room // stride + 1, 0
    if ceil_mode and room % stride and out * stride < size + given[0]:
        overhang = out * stride - room
        out += 1
    if out < 1:
        fewer = f", or with ceil_mode fewer by less than the stride, {stride}" if ceil_mode else ""
        raise ShapeError(
            op,
            got=f"an input of {size} cells with pads {given} along the {axis}",
            needs=f"at least the {reach} that a window of {kernel} with dilation {dilation} spans"
            + fewer,
            cause="Is the layout another one, or padding='SAME' meant?",
        )
    return given, overhang, out


def _transposed_size(
    op: str, axis: str, size: int, kernel: int, stride: int, dilation: int, pads: Pair, extra: int
) -> int:
    """Return the cells of a transposed convolution's result along one axis."""
    _check_window(op, kernel)
    whole = (size - 1) * stride + (kernel - 1) * dilation + 1 + extra - sum(pads)
    if size < 1 or whole < 1:
        raise ShapeError(
            op,
            got=f"an input of {size} cells along the {axis}, whose pads {pads} leave "
            f"{max(whole, 0)}",
            needs="at least one cell along each axis, of the input and of the result",
            cause="Pads are taken from the result of a transposed convolution.",
        )
    return whole


def _check_window(op: str, kernel: int) -> None:
    if kernel < 1:
        raise ShapeError(
            op,
            got=f"a window of {kernel} cells",
            needs="at least one row and one column in a window",
            cause="Is the kernel's shape in another order?",
        )
