"""Sums, means and extremes over axes, norms, and the places of extremes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from refnet.errors import DtypeError, OptionError
from refnet.graph import Constant, Function, Node, apply, binary, get_default_graph, stop_gradient
from refnet.graph.rows import by_shares, rows_of, shares_of
from refnet.graph.shapes import inferred
from refnet.op import ops
from refnet.tf1.arithmetic import add_n, cast, exp, log, sqrt, square
from refnet.tf1.values import as_dtype, floats, int64, value


def _reduction(name: str, kind: str, plain: Callable[..., Any]) -> Callable[..., Node]:
    """Return a reduction: refnet's for floats, NumPy's for the rest."""

    def reduce(
        input_tensor: Any,
        axis: Any = None,
        keepdims: bool | None = None,
        name: str | None = None,
        reduction_indices: Any = None,
        keep_dims: bool | None = None,
    ) -> Node:
        x = value(input_tensor)
        over = axes_of(reduction_indices if axis is None else axis)
        kept = bool(keepdims or keep_dims)
        if called in ops() and floats(x):
            made: Node = apply(ops()[called], x, kind=kind, name=name, axis=over, keepdims=kept)
            return made
        dims = inferred(partial(ops()["sum"].shape, axis=over, keepdims=kept), [x.dims])[0]
        dtype = np.dtype(bool) if called in ("any", "all") else x.dtype
        return Function(
            x.graph,
            kind,
            lambda a: np.asarray(plain(a, axis=over, keepdims=kept)).astype(dtype),
            [x],
            dims=dims,
            dtype=dtype,
            name=name,
        )

    called = name
    return reduce


reduce_sum = _reduction("sum", "Sum", np.sum)
reduce_mean = _reduction("mean", "Mean", np.mean)
reduce_max = _reduction("max", "Max", np.max)
reduce_min = _reduction("min", "Min", np.min)
reduce_any = _reduction("any", "Any", np.any)
reduce_all = _reduction("all", "All", np.all)


def count_nonzero(
    input_tensor: Any = None,
    axis: Any = None,
    keepdims: bool | None = None,
    dtype: Any = int64,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
    input: Any = None,
) -> Node:
    """Return how many entries over axes are not 0."""
    x = value(input_tensor if input is None else input)
    other = cast(binary("not_equal", x, False if x.dtype == bool else 0), as_dtype(dtype))
    return reduce_sum(other, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_logsumexp(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Node:
    """Return log sum exp x over axes, shifted by the maximum so that nothing overflows."""
    x = value(input_tensor)
    over = axis if axis is not None else reduction_indices
    with x.graph.name_scope(name or "ReduceLogSumExp") as scope:
        high = stop_gradient(reduce_max(x, over, True))
        total = log(reduce_sum(exp(x - high), over, True))
        if keepdims or keep_dims:
            return binary("add", total, high, scope)
        return reduce_sum(total + high, over, name=scope)


def norm(
    tensor: Any,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    keep_dims: bool | None = None,
) -> Node:
    """Return the Euclidean norm over axes, or for ord=1 the sum of absolute values.

    Raises
    ------
    OptionError
        If ``ord`` is another.
    """
    kept = bool(keepdims or keep_dims)
    x = value(tensor)
    if ord in ("euclidean", 2):
        with x.graph.name_scope(name or "norm"):
            return sqrt(reduce_sum(square(x), axis, kept), "norm" if kept else "Squeeze")
    if ord == 1:
        with x.graph.name_scope(name or "norm"):
            return reduce_sum(abs(x), axis, kept, "norm" if kept else "Squeeze")
    raise OptionError(
        "norm", got=f"ord={ord!r}", needs="'euclidean', 2 or 1", cause="Is another norm meant?"
    )


def argmax(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = int64,
) -> Node:
    """Return where the largest entry along an axis is, the first by default."""
    return _place("ArgMax", np.argmax, input, axis, name, dimension, output_type)


def argmin(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = int64,
) -> Node:
    """Return where the smallest entry along an axis is, the first by default."""
    return _place("ArgMin", np.argmin, input, axis, name, dimension, output_type)


def arg_max(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Node:
    """Return where the largest entry along an axis is; the order of arguments is another."""
    return argmax(input, dimension, name, output_type=output_type)


def arg_min(input: Any, dimension: Any, output_type: Any = int64, name: str | None = None) -> Node:
    """Return where the smallest entry along an axis is; the order of arguments is another."""
    return argmin(input, dimension, name, output_type=output_type)


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Node:
    """Return the root of the sum of all squares of several nodes; None among them is left out.

    The gradient of a matrix of which an embedding_lookup takes rows counts, as TensorFlow has it,
    by the shares of its rows: a row that is taken twice has two.
    """
    shares = [share for t in t_list if t is not None for share in shares_of(value(t))]
    graph = shares[0].graph if shares else get_default_graph()
    with graph.name_scope(name or "global_norm"):
        return sqrt(add_n([reduce_sum(square(share)) for share in shares]), "global_norm")


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Node:
    """Return t, scaled down to a Euclidean norm of ``clip_norm`` where it is larger.

    Gradients of rows that were looked up count as in :func:`global_norm`.
    """
    x = value(t)
    if rows_of(x) and axes is None:
        longest = binary("maximum", global_norm([x]), clip_norm)
        return by_shares(x, lambda share: binary("divide", share * clip_norm, longest, name))
    with x.graph.name_scope(name or "clip_by_norm") as scope:
        length = norm(x, axis=axes, keepdims=True if axes is not None else None)
        return binary("divide", x * clip_norm, binary("maximum", length, clip_norm), scope)


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Node]:
    """Return nodes scaled down together to a global norm of ``clip_norm``, and that norm before."""
    length = global_norm(t_list) if use_norm is None else value(use_norm)
    with length.graph.name_scope(name or "clip_by_global_norm"):
        scale = clip_norm * binary("minimum", 1.0 / length, _same(1.0, length) / clip_norm)
        return [None if t is None else value(t) * scale for t in t_list], length


def axes_of(axis: Any) -> Any:
    """Return axes as refnet takes them: None, an integer or a tuple; a constant's are its value."""
    if axis is None:
        return None
    if isinstance(axis, Constant):
        axis = axis.value
    if isinstance(axis, Node):
        raise OptionError(
            "axis",
            got=f"the node {axis.name!r}",
            needs="axes that are known when the graph is made",
            cause="A plain number or list will do.",
        )
    if isinstance(axis, np.ndarray):
        axis = axis.tolist()
    several = isinstance(axis, Iterable)
    found = [*axis] if several else [axis]
    if not all(isinstance(a, int | np.integer) for a in found):
        raise DtypeError(
            "axis", got=f"axis={axis!r}", needs="integers", cause="Is a division `/` in it?"
        )
    return tuple([int(a) for a in found]) if several else int(found[0])


def _same(number: float, node: Node) -> Node:
    return value(number, node.dtype)


def _place(
    kind: str,
    f: Callable[..., Any],
    input: Any,
    axis: Any,
    name: str | None,
    dimension: Any,
    output_type: Any,
) -> Node:
    x = value(input)
    along = axes_of(dimension if axis is None else axis) or 0
    dims = inferred(partial(ops()["sum"].shape, axis=along, keepdims=False), [x.dims])[0]
    dtype = as_dtype(output_type)
    return Function(
        x.graph,
        kind,
        lambda a: np.asarray(f(a, axis=along)).astype(dtype),
        [x],
        dims=dims,
        dtype=dtype,
        name=name,
    )
