"""Arrays made, reshaped, joined and taken apart."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from refnet.arrays import Array
from refnet.errors import OptionError, ShapeError
from refnet.graph import Constant, Function, Node, apply
from refnet.graph import cast as _cast
from refnet.graph import concat as _concat
from refnet.graph import constant as _constant
from refnet.graph import gather as _gather
from refnet.graph import placeholder as _placeholder
from refnet.graph import stack as _stack
from refnet.graph import stop_gradient as _stop_gradient
from refnet.graph import transpose as _transpose
from refnet.graph import unstack as _unstack
from refnet.graph.function import like
from refnet.graph.shapes import Dims, inferred, shown
from refnet.graph.sources import known_lengths
from refnet.op import ops
from refnet.tf1.values import (
    as_dtype,
    default_dtype,
    float32,
    floats,
    int32,
    int64,
    pair,
    static,
    value,
)


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Node:
    """Return a node whose value is fed; None in the shape takes any length."""
    return _placeholder(as_dtype(dtype), shape, name)


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Node:
    """Return a node that may be fed, and else has the value of ``input``."""
    node = identity(input, name)
    node.dims = None if shape is None else tuple(shape)
    return node


def constant(
    value: Any,
    dtype: Any = None,
    shape: Any = None,
    name: str | None = "Const",
    verify_shape: bool = False,
) -> Node:
    """Return a node of a value that is known."""
    wanted = default_dtype(value) if dtype is None else as_dtype(dtype)
    if shape is not None and np.size(value) > 1:  # filled row by row
        lengths = static(shape)
        if np.size(value) == math.prod(lengths):
            value = np.reshape(value, lengths)
    return _constant(value, wanted, shape, name)


def zeros(shape: Any, dtype: Any = float32, name: str | None = None) -> Node:
    """Return zeros."""
    return _filled("zeros", shape, 0, as_dtype(dtype), name)


def ones(shape: Any, dtype: Any = float32, name: str | None = None) -> Node:
    """Return ones."""
    return _filled("ones", shape, 1, as_dtype(dtype), name)


def fill(dims: Any, value: Any, name: str | None = None) -> Node:
    """Return an array filled with a number."""
    return _filled("Fill", dims, value, default_dtype(value) or np.asarray(value).dtype, name)


def zeros_like(
    tensor: Any,
    dtype: Any = None,
    name: str | None = None,
    optimize: bool = True,
) -> Node:
    """Return zeros of the shape of a node, and of its dtype by default."""
    return _like(tensor, 0, dtype, "zeros_like", name)


def ones_like(
    tensor: Any,
    dtype: Any = None,
    name: str | None = None,
    optimize: bool = True,
) -> Node:
    """Return ones of the shape of a node, and of its dtype by default."""
    return _like(tensor, 1, dtype, "ones_like", name)


def eye(
    num_rows: int,
    num_columns: int | None = None,
    batch_shape: Any = None,
    dtype: Any = float32,
    name: str | None = None,
) -> Node:
    """Return the identity matrix."""
    matrix = np.eye(num_rows, num_columns, dtype=as_dtype(dtype))
    return _constant(np.broadcast_to(matrix, (*(batch_shape or ()), *matrix.shape)), name=name)


def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = "range"
) -> Node:
    """Return start, start + delta, ... below limit; of one argument, 0, 1, ... below it."""
    if limit is None:
        start, limit = 0, start
    every = [value(v) for v in (start, limit, delta)]
    wanted = as_dtype(dtype) if dtype is not None else np.result_type(*[v.dtype for v in every])
    plain = [v.value for v in every if isinstance(v, Constant)]
    known = [v.item() for v in plain]
    dims = (len(np.arange(*known)),) if len(known) == 3 else (None,)
    return Function(
        every[0].graph,
        "range",
        lambda *v, dtype: np.arange(*[a.item() for a in v], dtype=dtype),
        every,
        dims=dims,
        dtype=wanted,
        typed=True,
        name=name,
    )


def linspace(start: Any, stop: Any, num: int, name: str | None = None) -> Node:
    """Return ``num`` numbers from start to stop, both included, evenly spaced."""
    return constant(np.linspace(start, stop, num, dtype=np.float32), name=name)


lin_space = linspace


def identity(input: Any, name: str | None = None) -> Node:
    """Return a node of the same value."""
    node = value(input)
    if floats(node):
        made: Node = apply(ops()["identity"], node, kind="Identity", name=name)
        return made
    return like(node, "Identity", np.copy, name)


def Print(  # noqa: N802
    input_: Any,
    data: Sequence[Any],
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Node:
    """Return a node of the value of ``input_``. Nothing is printed: session.run gives values."""
    return identity(input_, name or "Print")


def stop_gradient(input: Any, name: str | None = None) -> Node:
    """Return a node of the same value, through which no gradient flows."""
    return _stop_gradient(value(input), name)


def shape(input: Any, name: str | None = None, out_type: Any = int32) -> Node:
    """Return the shape as a node, known in a run where it is not before."""
    x, dtype = value(input), as_dtype(out_type or int32)
    if x.dims is not None and None not in x.dims:
        return _constant(np.array(x.dims, dtype), name=name or "Shape")
    dims = None if x.dims is None else (len(x.dims),)
    return Function(
        x.graph,
        "Shape",
        lambda a: np.array(a.shape, dtype),
        [x],
        dims=dims,
        dtype=dtype,
        name=name,
    )


def size(input: Any, name: str | None = None, out_type: Any = int32) -> Node:
    """Return the number of elements as a node."""
    x, dtype = value(input), as_dtype(out_type or int32)
    return Function(
        x.graph, "Size", lambda a: np.array(a.size, dtype), [x], dims=(), dtype=dtype, name=name
    )


def rank(input: Any, name: str | None = None) -> Node:
    """Return the number of axes as a node."""
    x = value(input)
    return Function(
        x.graph, "Rank", lambda a: np.array(a.ndim, np.int32), [x], dims=(), dtype=int32, name=name
    )


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Node:
    """Return a node in another shape; one length may be -1, or computed."""
    x, target = value(tensor), static(shape)
    computed = isinstance(target, Node)
    known: Any = None
    if computed:
        known = known_lengths(target)
    elif x.dims is None or None in x.dims:
        known = tuple([None if n == -1 else n for n in target])
    if floats(x):
        made: Node = apply(
            ops()["reshape"], x, kind="Reshape", name=name, known=known, shape=target
        )
        return made
    if known is None and not computed:
        lengths = tuple([n for n in x.dims or () if n is not None])
        known = ops()["reshape"].shape(lengths, shape=target)

    def reshaped(a: Array, *lengths: Array) -> Array:
        return a.reshape(lengths[0].tolist() if lengths else target).copy()

    inputs = [x, target] if computed else [x]
    return Function(x.graph, "Reshape", reshaped, inputs, dims=known, dtype=x.dtype, name=name)


def transpose(a: Any, perm: Any = None, name: str | None = "transpose") -> Node:
    """Return a node with its axes in another order, reversed by default."""
    return _transpose(value(a), None if perm is None else tuple(static(perm)), name)


def matrix_transpose(a: Any, name: str | None = "matrix_transpose") -> Node:
    """Return a node with its last two axes exchanged."""
    from refnet.tf1.arithmetic import _turned

    return identity(_turned(value(a)), name)


def convert_to_tensor(
    value: Any,
    dtype: Any = None,
    name: str | None = None,
    preferred_dtype: Any = None,
    dtype_hint: Any = None,
) -> Node:
    """Return a node as it is, and anything else as a constant."""
    return _value(value, dtype) if isinstance(value, Node) else constant(value, dtype, name=name)


def concat(values: Any, axis: Any, name: str | None = "concat") -> Node:
    """Return nodes joined along an axis. Before TensorFlow 1.0 the axis came first."""
    if isinstance(values, int) and not isinstance(axis, int):
        raise OptionError(
            f"concat {name!r}",
            got=f"values={values!r} and an axis of type {type(axis).__name__}",
            needs="the values first, then the axis: tf.concat(values, axis)",
            cause="Is the program from before TensorFlow 1.0, where the axis came first?",
        )
    return _concat(_nodes(values), int(axis), name)


def stack(values: Any, axis: int = 0, name: str | None = "stack") -> Node:
    """Return nodes of one shape stacked along a new axis."""
    return _stack(_nodes(values), axis, name)


def unstack(
    value: Any, num: int | None = None, axis: int = 0, name: str | None = "unstack"
) -> list[Node]:
    """Return the entries of a node along an axis."""
    return _unstack(_value(value), num, axis, name)


_value = value


def split(
    value: Any,
    num_or_size_splits: Any,
    axis: int = 0,
    num: int | None = None,
    name: str | None = "split",
) -> list[Node]:
    """Return a node in as many equal parts, or in parts of the lengths given, along an axis."""
    x = _value(value)
    if isinstance(num_or_size_splits, int | np.integer):
        parts: Any = int(num_or_size_splits)
        count = parts
    else:
        parts = tuple(static(num_or_size_splits))
        count = len(parts)
        if -1 in parts:
            known = None if x.dims is None else x.dims[axis]
            if known is None:
                raise ShapeError(
                    f"split of {x.name!r}",
                    got="a length of -1 along an axis whose length is not known",
                    needs="every length, or an axis of known length",
                    cause="Was a placeholder made with None there?",
                )
            rest = known - sum(n for n in parts if n != -1)
            parts = tuple([rest if n == -1 else n for n in parts])
    if not floats(x):
        n = None if x.dims is None else x.dims[axis]
        if isinstance(parts, int) and n is None:
            raise ShapeError(
                f"split of {x.name!r}",
                got=f"{parts} equal parts of an axis whose length is not known",
                needs="an axis of known length",
                cause="Was a placeholder made with None there?",
            )
        sizes = [(n or 0) // parts] * parts if isinstance(parts, int) else parts
        ends = np.cumsum(sizes).tolist()
        before = (np.s_[:],) * (axis % len(_lengths("split", x)))
        return [x[(*before, np.s_[e - k : e])] for e, k in zip(ends, sizes, strict=True)]
    return list(
        apply(ops()["split"], x, kind="split", name=name, results=count, parts=parts, axis=axis)
    )


def expand_dims(
    input: Any, axis: int | None = None, name: str | None = None, dim: int | None = None
) -> Node:
    """Return a node with a new axis of length 1."""
    x = value(input)
    longer = [*_lengths("expand_dims", x)]
    chosen: Any = axis if axis is not None else dim or 0
    at: Any = int(chosen.value) if isinstance(chosen, Constant) else chosen
    rank = len(longer)
    if not isinstance(at, int | np.integer) or not -rank - 1 <= at <= rank:
        raise OptionError(
            f"expand_dims of {x.name!r}",
            got=f"axis={at!r}",
            needs=f"an integer from {-rank - 1} to {rank}, for a node of {rank} axes",
            cause="Is it another node's axis?",
        )
    at = int(at) + rank + 1 if at < 0 else int(at)
    longer.insert(at, 1)
    if longer.count(None) <= 1 and 0 not in longer:
        return reshape(x, [-1 if n is None else n for n in longer], name or "ExpandDims")
    return _named(x[(*[np.s_[:]] * at, None)], name)


def squeeze(
    input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None
) -> Node:
    """Return a node without axes of length 1: all of them, or those named."""
    x = value(input)
    chosen = squeeze_dims if axis is None else axis
    lengths = _lengths("squeeze", x)
    if chosen is None:
        gone = {i for i, n in enumerate(lengths) if n == 1}
    else:
        gone = {int(i) % len(lengths) for i in np.atleast_1d(chosen)}
    for i in gone:
        if lengths[i] not in (1, None):
            raise ShapeError(
                f"squeeze of {x.name!r}",
                got=f"axis {i} of the shape {shown(lengths)}",
                needs="axes of length 1",
                cause="Is it another axis?",
            )
    left = [n for i, n in enumerate(lengths) if i not in gone]
    if left.count(None) <= 1 and 0 not in left:
        return reshape(x, [-1 if n is None else n for n in left], name or "Squeeze")
    return _named(x[tuple([0 if i in gone else np.s_[:] for i, _ in enumerate(lengths)])], name)


def tile(input: Any, multiples: Any, name: str | None = None) -> Node:
    """Return a node repeated along its axes."""
    x, repeats = value(input), static(multiples)
    shape_of = ops()["tile"].shape
    known: Dims = None
    if not isinstance(repeats, Node):
        known = inferred(partial(shape_of, repeats=repeats), [x.dims])[0]
    elif x.dims is not None:
        times = known_lengths(repeats) or (None,) * len(x.dims)
        lengths = zip(x.dims, times, strict=False)  # in a run, it has to be as many
        known = tuple([None if n is None or by is None else n * by for n, by in lengths])
    if floats(x):
        made: Node = apply(ops()["tile"], x, kind="Tile", name=name, known=known, repeats=repeats)
        return made

    def tiled(a: Array, n: Array) -> Array:
        times = tuple(n.tolist())
        shape_of(a.shape, repeats=times)
        return np.tile(a, times)

    return Function(
        x.graph,
        "Tile",
        tiled,
        [x, value(repeats)],
        dims=known,
        dtype=x.dtype,
        name=name,
    )


def pad(
    tensor: Any,
    paddings: Any,
    mode: str = "CONSTANT",
    name: str | None = None,
    constant_values: float = 0,
) -> Node:
    """Return a node with values before and after along each axis: paddings ((before, after), ...).

    ``mode`` is CONSTANT or REFLECT.

    Raises
    ------
    OptionError
        For SYMMETRIC, which is not there.
    """
    modes = {"CONSTANT": "constant", "REFLECT": "reflect"}
    if mode.upper() not in modes:
        raise OptionError(
            "pad", got=f"mode={mode!r}", needs=f"one of {', '.join(modes)}", cause="Is it misspelt?"
        )
    x = value(tensor)
    pads = tuple([(int(a), int(b)) for a, b in np.asarray(paddings).tolist()])
    if not floats(x):
        filled = {"constant_values": constant_values} if mode.upper() == "CONSTANT" else {}
        return Function(
            x.graph,
            "Pad",
            partial(np.pad, pad_width=pads, mode=modes[mode.upper()], **filled),
            [x],
            dims=inferred(partial(ops()["pad"].shape, pads=pads), [x.dims])[0],
            dtype=x.dtype,
            name=name,
        )
    made: Node = apply(
        ops()["pad"],
        x,
        kind="Pad",
        name=name,
        pads=pads,
        mode=modes[mode.upper()],
        value=float(constant_values),
    )
    return made


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Node:
    """Return ``size`` entries from ``begin`` on, along each axis; -1 is all that are left."""
    x = value(input_)
    starts, lengths = _places(begin), _places(size)
    key = tuple(
        [
            np.s_[b:] if isinstance(n, int) and n == -1 else np.s_[b : b + n]
            for b, n in zip(starts, lengths, strict=True)
        ]
    )
    return _named(x[key], name)


def _places(given: Any) -> Sequence[Any]:
    """Return numbers, some of which are nodes; of a node its entries."""
    if isinstance(given, Node):
        known = static(given)
        return _unstack(given) if isinstance(known, Node) else known
    return [n if isinstance(n, Node) else int(n) for n in given]


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    name: str | None = None,
    axis: int | None = None,
) -> Node:
    """Return the entries of params along an axis at integer indices."""
    return _gather(value(params), value(indices), name, axis=axis or 0)


def one_hot(
    indices: Any,
    depth: int,
    on_value: float | None = None,
    off_value: float | None = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Node:
    """Return rows that are ``on_value`` (1) at their index and ``off_value`` (0) elsewhere."""
    wanted = as_dtype(dtype or float32)
    floats = wanted if wanted.kind == "f" else np.dtype(np.float32)
    ids = value(indices)
    hot: Node = apply(
        ops()["one_hot"],
        ids,
        kind="one_hot",
        name=name,
        classes=int(depth),
        axis=-1 if axis is None else axis,
        dtype=floats,
    )
    if on_value is not None or off_value is not None:
        on, off = (1.0 if on_value is None else on_value), off_value or 0.0
        hot = hot * (on - off) + off
    return _cast(hot, wanted)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Node:
    """Return x where the condition holds and y elsewhere; a vector chooses rows.

    Without x and y: the indices, (places, axes), of where the condition holds.

    Raises
    ------
    OptionError
        With one of x and y alone.
    """
    test = value(condition)
    if x is None and y is None:
        rank = None if test.dims is None else len(test.dims)
        dims: Dims = (None, rank)
        return Function(test.graph, "Where", np.argwhere, [test], dims=dims, dtype=int64, name=name)
    if x is None or y is None:
        raise OptionError(
            "where",
            got="one of x and y",
            needs="where(condition, x, y), or the condition alone",
            cause="Is an argument missing?",
        )
    a, b = (value(v) for v in pair(x, y))
    if test.dims is not None and a.dims is not None and len(test.dims) == 1 < len(a.dims):
        test = test[(np.s_[:], *[None] * (len(a.dims) - 1))]
    # Of a condition whose number of axes is not known the values are of one shape.
    dims = a.dims if a.dims == b.dims else None
    if test.dims is not None:
        dims = inferred(ops()["where"].shape, [test.dims, a.dims, b.dims])[0]
    if floats(a):
        made: Node = apply(ops()["where"], test, a, b, kind="Select", name=name, known=dims)
        return made
    return Function(a.graph, "Select", np.where, [test, a, b], dims=dims, dtype=a.dtype, name=name)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Node:
    """Return a node in reverse order along axes."""
    x = value(tensor)
    rank = len(_lengths("reverse", x))
    chosen = {int(a) % rank for a in np.atleast_1d(axis)}
    key = tuple([np.s_[::-1] if i in chosen else np.s_[:] for i in builtins.range(rank)])
    return _named(x[key], name)


def _nodes(values: Any) -> Sequence[Node]:
    """Return values as nodes; plain ones take the dtype of the first node among them."""
    every = [values] if isinstance(values, Node) else list(values)
    dtype = next((v.dtype for v in every if isinstance(v, Node)), None)
    return [value(v, None if isinstance(v, Node) else dtype) for v in every]


def _named(node: Node, name: str | None) -> Node:
    return node if name is None else identity(node, name)


def _filled(kind: str, shape: Any, number: Any, dtype: Any, name: str | None) -> Node:
    lengths = static(shape)
    if not isinstance(lengths, Node):
        return _constant(np.full(lengths, number, dtype), name=name or kind)
    return Function(
        lengths.graph,
        kind,
        lambda s, dtype: np.full(s.tolist(), number, dtype),
        [lengths],
        dims=known_lengths(lengths),
        dtype=dtype,
        typed=True,
        name=name,
    )


def _like(tensor: Any, number: int, dtype: Any, kind: str, name: str | None) -> Node:
    x = value(tensor)
    wanted = x.dtype if dtype is None else as_dtype(dtype)

    def filled(a: Array, dtype: Any) -> Array:
        return np.full(a.shape, number, dtype)

    return Function(x.graph, kind, filled, [x], dims=x.dims, dtype=wanted, typed=True, name=name)


def _lengths(op: str, x: Node) -> tuple[int | None, ...]:
    if x.dims is None:
        raise ShapeError(
            f"{op} of {x.name!r}",
            got="a node of which not even the number of axes is known",
            needs="a known number of axes",
            cause="Was a placeholder made without a shape?",
        )
    return x.dims
