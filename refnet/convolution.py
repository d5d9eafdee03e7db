"""The three maps that convolutions and their VJPs are made of, on windows gathered in blocks.

A convolution is bilinear in its input x and its weights w. :func:`convolved` is its value,
:func:`spread` its adjoint in x (which is the transposed convolution) and :func:`weight_cotangent`
its adjoint in w. Arrays are channels last, (N, H, W, C), and weights (KH, KW, C/groups, K); views
of other layouts will do. The geometry is always that of the convolution.

Each is a matrix product with windows gathered side by side (Chellapilla, Puri & Simard 2006, "High
performance convolutional neural networks for document processing"): one call of BLAS for a block of
whole samples, or of rows of one sample where that alone is too large. All blocks share one buffer
of at most 1 MiB, or of the weights' size where that is more, or one row of windows; the cells of a
block with their pads are copied to another of at most that size. A single long row goes as a
column, whose rows are short. Where the weights are few beside the result, every window has a 1
after its values, which the bias is multiplied by. With one channel to a group (depthwise) a product
would have nothing to sum over but the window, and the cells of the kernel are added one by one
instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from refnet.arrays import Array, Shape, by_rows
from refnet.geometry import Geometry, inside, places, windows

Block: TypeAlias = tuple[slice, slice]  # of samples and of rows of windows

BUFFER = 1 << 20  # bytes of windows at a time, which stay in a core's cache
MANY = 64  # a product of fewer rows costs more for reading the weights than for multiplying
SHORT = 16  # copying fewer values in one go costs more for the loop than for the values
FEW = 4  # adding a value to its place costs about as much as copying so many to a window


def convolved(x: Array, w: Array, b: Array | None, g: Geometry, groups: int) -> Array:
    """Return the cross-correlation of x with w, plus b; a new array in C order.

    x (N, H, W, C), w (KH, KW, C/groups, K), b (K,) -> (N, OH, OW, K).
    """
    if _is_long_row(g, w.shape, groups, w.dtype):
        return convolved(*_upright(x, w), b, _turned(g), groups).swapaxes(1, 2)
    y = np.empty((len(x), *g.out, w.shape[3]), x.dtype)
    if _is_depthwise(w, groups):
        _depthwise(x, w, g, y)
        return y if b is None else np.add(y, b, out=y)
    weights = _by_group(w, groups)
    depth = weights.shape[2]
    ones = b is not None and w.nbytes <= min(BUFFER, y.nbytes)
    if b is not None and ones:
        weights = np.concatenate((weights, _by_group(b[np.newaxis], groups)), axis=2)
    for (samples, rows), a in _window_matrices(x, g, groups, w.nbytes, forward=True, ones=ones):
        there = y[samples, rows]
        _multiply(a, weights[:, :, : a.shape[3]], _by_group(there, groups, len(a)))
        if b is not None and a.shape[3] == depth:
            there += b
    return y


def spread(d: Array, w: Array, b: Array | None, g: Geometry, groups: int) -> Array:
    """Return the adjoint of :func:`convolved` in x at d, plus b; a new array in C order.

    d (N, OH, OW, K), w (KH, KW, C/groups, K), b (C,) -> (N, H, W, C). Where the stride is 1 this is
    the convolution of d with the flipped kernel, which costs less unless d has many channels.
    """
    if _is_flippable(w, g, groups):
        return convolved(d, _flipped(w, groups), b, _flipped_geometry(g), groups)
    x = np.empty((len(d), *g.size, w.shape[2] * groups), d.dtype)
    x[...] = 0 if b is None else b
    if _is_long_row(g, w.shape, groups, w.dtype):
        _add_spread(*_upright(d, w), _turned(g), groups, x.swapaxes(1, 2))
    else:
        _add_spread(d, w, g, groups, x)
    return x


def _add_spread(d: Array, w: Array, g: Geometry, groups: int, x: Array) -> None:
    """Add the adjoint to x, which may be a view."""
    if _is_depthwise(w, groups):
        _depthwise_spread(d, w, g, x)
        return
    weights = _by_group(w, groups).swapaxes(2, 3)
    memory = None
    for samples, rows in _blocks(len(d), g, math.prod(w.shape[:3]) * groups * d.itemsize, w.nbytes):
        values = _by_group(d[samples, rows], groups)
        shape = (*values.shape[:3], weights.shape[-1])
        if memory is None:
            memory = np.empty(math.prod(shape), d.dtype)
        product = memory[: math.prod(shape)].reshape(shape)
        _multiply(values, weights, product)
        there = x[samples].reshape(samples.stop - samples.start, *g.size, groups, w.shape[2])
        cells = product.reshape(
            groups, len(there), rows.stop - rows.start, g.out[1], *g.kernel, w.shape[2]
        ).transpose(4, 5, 1, 2, 3, 0, 6)
        for i, j in np.ndindex(g.kernel):
            (row, column), place = _landing(g, i, j, rows)
            there[:, place[0], place[1]] += cells[i, j, :, row, column]


def weight_cotangent(x: Array, d: Array, g: Geometry, groups: int) -> Array:
    """Return the adjoint of :func:`convolved` in w at d; a new array.

    x (N, H, W, C), d (N, OH, OW, K) -> (KH, KW, C/groups, K).
    """
    c, k = x.shape[3] // groups, d.shape[3] // groups
    if _is_long_row(g, (*g.kernel, c, d.shape[3]), groups, d.dtype):
        turned = weight_cotangent(*_upright(x, d, axis=1), _turned(g), groups)
        return np.ascontiguousarray(turned.swapaxes(0, 1))
    if groups > 1 and c == 1:
        return _depthwise_weight_cotangent(x, d, g)
    total = np.zeros((1, groups, math.prod(g.kernel) * c, k), x.dtype)
    part = np.empty_like(total)
    for (samples, rows), a in _window_matrices(x, g, groups, total.nbytes):
        _multiply(a.swapaxes(2, 3), _by_group(d[samples, rows], groups), part)
        total += part
    cells = total.reshape(groups, *g.kernel, c, k).transpose(1, 2, 3, 0, 4)
    return cells.reshape(*g.kernel, c, groups * k)


def channel_sums(d: Array) -> Array:
    """Return d (N, H, W, K) summed over all axes but the last: the bias's cotangent."""
    if not d.flags.c_contiguous:
        return np.asarray(np.add.reduce(d, axis=(0, 1, 2)))
    return np.asarray(np.ones(math.prod(d.shape[:3]), d.dtype).dot(by_rows(d)))


def _multiply(a: Array, b: Array, out: Array) -> None:
    """Write the matrix products a b to ``out``; all are (batch, groups, rows, columns)."""
    if a.dtype.char not in "gG":
        np.matmul(a, b, out=out)
        return
    for i, j in np.ndindex(out.shape[:2]):  # longdouble has no BLAS, and dot is the faster loop
        out[i, j] = np.dot(a[i, j], b[i % len(b), j])


def _by_group(a: Array, groups: int, batch: int = 1) -> Array:
    """Return a (..., K) as matrices (batch, groups, rows, K/groups); a view of one in C order."""
    rows = math.prod(a.shape[:-1]) // batch
    return a.reshape(batch, rows, groups, a.shape[-1] // groups).swapaxes(1, 2)


def _is_long_row(g: Geometry, w: Shape, groups: int, dtype: np.dtype[Any]) -> bool:
    """Return whether all windows are in one row, which is too long for the buffer."""
    if g.out[0] != 1 or g.out[1] <= 1:
        return False
    row = w[2] * groups * max(max(3, math.prod(g.kernel)) * g.out[1], g.span[0] * g.padded[1])
    return row * dtype.itemsize > max(BUFFER, math.prod(w) * dtype.itemsize)


def _upright(a: Array, b: Array, axis: int = 0) -> tuple[Array, Array]:
    """Return a (N, H, W, C) and b with rows and columns, of b from ``axis`` on, exchanged."""
    return a.swapaxes(1, 2), b.swapaxes(axis, axis + 1)


def _turned(g: Geometry) -> Geometry:
    """Return the geometry with rows and columns exchanged."""
    return Geometry._make(field[::-1] for field in g)


def _blocks(n: int, g: Geometry, window: int, least: int) -> Iterator[Block]:
    """Yield blocks of at most max(BUFFER, least) bytes, with so many to a window; or one row."""
    room = max(BUFFER, least)
    row = max(1, g.out[1] * window)
    samples = _share(n, room // max(1, g.out[0] * row))
    rows = _share(g.out[0], room // row if samples == 1 else g.out[0])
    for s in range(0, n, samples):
        for r in range(0, g.out[0], rows):
            yield slice(s, min(s + samples, n)), slice(r, min(r + rows, g.out[0]))


def _share(n: int, most: int) -> int:
    """Return the size of nearly equal parts of n, at most ``most`` and at least 1."""
    return max(1, -(-n // -(-n // max(1, most)))) if n else 1


def _padded_blocks(
    x: Array, g: Geometry, window: int, least: int
) -> Iterator[tuple[Block, Geometry, Array]]:
    """Yield each block, its own geometry, and the padded cells of x that its windows lie on.

    The cells are a part of x, or a copy in memory that the next block takes over.
    """
    (top, _), (left, _) = g.pads
    h, w = g.size
    as_it_is = g.padded == g.size and (x.shape[3] == 1 or x.strides[3] == x.itemsize)
    if not as_it_is:  # the copy is bounded too
        cells = g.stride[0] * g.padded[1] * x.shape[3] * x.itemsize
        window = max(window, -(-cells // max(1, g.out[1])))
    memory = None
    for samples, rows in _blocks(len(x), g, window, least):
        block = g._replace(out=(rows.stop - rows.start, g.out[1]))
        first = rows.start * g.stride[0]
        height = (block.out[0] - 1) * g.stride[0] + g.span[0]
        if as_it_is:
            yield (samples, rows), block, x[samples, first : first + height]
            continue
        shape = (samples.stop - samples.start, height, g.padded[1], x.shape[3])
        if memory is None:  # the first block is the largest
            memory = np.zeros(math.prod(shape), x.dtype)
        cells = memory[: math.prod(shape)].reshape(shape)
        # Rows above, of and below x; the columns beside it stay zero.
        start = min(max(top - first, 0), height)
        stop = max(min(h + top - first, height), start)
        cells[:, :start] = 0
        cells[:, start:stop, left : left + w] = x[samples, first - top + start :][:, : stop - start]
        cells[:, stop:] = 0
        yield (samples, rows), block, cells


def _window_matrices(
    x: Array, g: Geometry, groups: int, least: int, *, forward: bool = False, ones: bool = False
) -> Iterator[tuple[Block, Array]]:
    """Yield each block and its windows as matrices (batch, groups, windows, KH KW C/groups).

    They are a view of x where its windows lie side by side, else in a buffer that the next block
    takes over, with a further column of ones if asked for. The batch is 1; ``forward``, it may be
    the samples.
    """
    c = x.shape[3] // groups
    depth = math.prod(g.kernel) * c
    memory = None
    bytes_per_window = (depth + ones) * groups * x.itemsize
    for block, part, cells in _padded_blocks(x, g, bytes_per_window, least):
        v = windows(cells, part)
        v = v.reshape(*v.shape[:5], groups, c)
        n = math.prod(part.out)
        matrix = v.transpose(5, 0, 1, 2, 3, 4, 6)
        by_cells = _side_by_side(matrix) < min(SHORT, max(g.out))
        batch = len(v) if by_cells and forward and n >= MANY else 1
        n = n * len(v) // batch
        if matrix.flags.c_contiguous:
            yield block, matrix.reshape(1, groups, n, depth)
            continue
        size = batch * groups * n * (depth + ones)
        if memory is None:
            memory = np.empty(size, x.dtype)
        if by_cells:
            if batch > 1:  # the product of a sample stays in cache
                matrix = v.transpose(0, 5, 3, 4, 6, 1, 2)
            else:
                matrix = v.transpose(5, 3, 4, 6, 0, 1, 2)
            gathered = memory[:size].reshape(batch, groups, depth + ones, n)
            np.copyto(gathered[:, :, :depth].reshape(matrix.shape), matrix)
            gathered = gathered.swapaxes(2, 3)
        else:
            gathered = memory[:size].reshape(batch, groups, n, depth + ones)
            np.copyto(gathered[..., :depth].reshape(matrix.shape), matrix)
        gathered[..., depth:] = 1
        yield block, gathered


def _side_by_side(a: Array) -> int:
    """Return how many values of an array follow one another in memory, from the last axis on."""
    count = 1
    for size, stride in zip(reversed(a.shape), reversed(a.strides), strict=True):
        if size != 1 and stride != count * a.itemsize:
            break
        count *= size
    return count


def _is_flippable(w: Array, g: Geometry, groups: int) -> bool:
    """Return whether the adjoint is a convolution too, and one that costs no more."""
    most = 1 if _is_depthwise(w, groups) else FEW * w.shape[2]
    return (
        g.stride == (1, 1)
        # No pads to take away, and no cells that the last window does not reach.
        and all(max(pads) < span for pads, span in zip(g.pads, g.span, strict=True))
        and all(g.out[i] + g.span[i] - 1 == g.padded[i] for i in (0, 1))
        and w.shape[3] // groups <= most
        # 0 times an infinite weight would make NaN where the adjoint has no term at all.
        and bool(np.isfinite(w).all())
    )


def _flipped(w: Array, groups: int) -> Array:
    """Return the weights (KH, KW, C/groups, K) of the adjoint, (KH, KW, K/groups, C)."""
    kh, kw, c, k = w.shape
    cells = w[::-1, ::-1].reshape(kh, kw, c, groups, k // groups)
    return cells.transpose(0, 1, 4, 3, 2).reshape(kh, kw, k // groups, groups * c)


def _flipped_geometry(g: Geometry) -> Geometry:
    rows, columns = (
        (span - 1 - before, span - 1 - after)
        for (before, after), span in zip(g.pads, g.span, strict=True)
    )
    return g._replace(size=g.out, out=g.size, pads=(rows, columns))


def _landing(
    g: Geometry, i: int, j: int, rows: slice
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return where a window's cell (i, j) lies in the input, not in its pads.

    That is which of the windows in ``rows``, counted from its start, and of those in a row have it
    there, and the places of these in the input.
    """
    (top, _), (left, _) = g.pads
    row, place = inside(i * g.dilation[0] - top, g.stride[0], g.size[0], rows)
    column, beside = inside(j * g.dilation[1] - left, g.stride[1], g.size[1], slice(0, g.out[1]))
    return (row, column), (place, beside)


def _is_depthwise(w: Array, groups: int) -> bool:
    return groups > 1 and w.shape[2] == 1


def _depthwise(x: Array, w: Array, g: Geometry, y: Array) -> None:
    """Write the depthwise convolution (w is (KH, KW, 1, C M)) to y."""
    c = x.shape[3]
    kernels = np.repeat(_multiples(w, c), g.out[1], axis=3)  # NumPy multiplies long rows faster
    for (samples, rows), block, cells in _padded_blocks(x, g, 3 * c * x.itemsize, 0):
        there = _multiples(y[samples, rows], c)
        for kernel, out in zip(kernels, there, strict=True):
            total = np.zeros(out.shape, x.dtype)
            for i, j in np.ndindex(g.kernel):
                total += places(cells, block, i, j) * kernel[i, j]
            out[...] = total


def _depthwise_spread(d: Array, w: Array, g: Geometry, x: Array) -> None:
    """Add the adjoint of the depthwise convolution to x."""
    c = x.shape[3]
    kernels = np.repeat(_multiples(w, c), g.out[1], axis=3)
    for samples, rows in _blocks(len(d), g, 3 * c * d.itemsize, 0):
        there = x[samples]
        for kernel, values in zip(kernels, _multiples(d[samples, rows], c), strict=True):
            for i, j in np.ndindex(g.kernel):
                (row, column), place = _landing(g, i, j, rows)
                there[:, place[0], place[1]] += values[:, row, column] * kernel[i, j, column]


def _depthwise_weight_cotangent(x: Array, d: Array, g: Geometry) -> Array:
    c = x.shape[3]
    total = np.zeros((*g.kernel, 1, d.shape[3]), x.dtype)
    for (samples, rows), block, cells in _padded_blocks(x, g, 3 * c * x.itemsize, 0):
        values = _multiples(d[samples, rows], c)
        for kernel, value in zip(_multiples(total, c), values, strict=True):
            for i, j in np.ndindex(g.kernel):
                kernel[i, j, 0] += channel_sums(places(cells, block, i, j) * value)
    return total


def _multiples(a: Array, c: int) -> Array:
    """Return a (..., C M), channel by channel, as (M, ..., C); a view of an array in C order."""
    return np.moveaxis(a.reshape(*a.shape[:-1], c, a.shape[-1] // c), -1, 0)
