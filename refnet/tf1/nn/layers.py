"""What layers are made of beside activations and windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from refnet.arrays import Array
from refnet.errors import OptionError, ShapeError
from refnet.graph import Constant, Function, Node, apply, binary, gather
from refnet.graph.random import mask
from refnet.op import ops
from refnet.tf1.arithmetic import cast, matmul
from refnet.tf1.arrays import shape, zeros
from refnet.tf1.nn.activations import relu
from refnet.tf1.reductions import reduce_mean
from refnet.tf1.requirements import need_integers, need_rank
from refnet.tf1.values import float32, pair, static, value


def bias_add(
    value: Any, bias: Any, data_format: str | None = None, name: str | None = None
) -> Node:
    """Return values plus one number per channel, the last axis, or the second for NC..."""
    x, b = (_value(v) for v in pair(value, bias))
    if data_format is not None and data_format.startswith("NC"):
        rank = 4 if x.dims is None else len(x.dims)
        return binary("add", x, b[(np.s_[:], *[None] * (rank - 2))], name)
    made: Node = apply(ops()["bias_add"], x, b, kind="BiasAdd", name=name)
    return made


_value = value


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Node:
    """Return x @ weights + biases."""
    return bias_add(matmul(x, weights), biases, name=name)


def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Node:
    """Return relu(x @ weights + biases)."""
    return relu(xw_plus_b(x, weights, biases), name)


def dropout(
    x: Any,
    keep_prob: Any = None,
    noise_shape: Any = None,
    seed: int | None = None,
    name: str | None = None,
    rate: Any = None,
) -> Node:
    """Return x with each element kept with ``keep_prob`` and divided by it, or dropped.

    ``rate`` is 1 - keep_prob; either may be a placeholder. The mask is drawn anew in every run, in
    ``noise_shape``, by default that of x, and broadcast: axes of length 1 are kept or dropped as a
    whole. None in it stands for x's own length.

    Raises
    ------
    OptionError
        If both or neither of keep_prob and rate are given.
    ShapeError
        If ``noise_shape`` is no shape; in a run, if a mask of it does not broadcast to that of x.
    DtypeError
        If it is a node of another dtype than integers.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> y = tf.Session().run(tf.nn.dropout(tf.ones([20, 3]), 0.5, noise_shape=[20, 1]))
    >>> sorted(set(y.sum(axis=1).tolist()))  # rows
    [0.0, 6.0]
    """
    if (keep_prob is None) == (rate is None):
        raise OptionError(
            "dropout",
            got=f"keep_prob={keep_prob!r}, rate={rate!r}",
            needs="either keep_prob or rate",
            cause="rate is 1 - keep_prob.",
        )
    node = value(x)
    dropped = rate if keep_prob is None else 1 - keep_prob
    if isinstance(dropped, Constant):
        dropped = float(dropped.value)
    if not isinstance(dropped, Node) and dropped == 0:
        return node
    with node.graph.name_scope(name or "dropout") as scope:
        share = value(dropped, node.dtype)
        if noise_shape is None:
            kept = mask(node, share, seed)
        else:
            noise = zeros(_noise_shape(node, noise_shape), node.dtype)
            kept = _broadcast(mask(noise, share, seed), node)
        made: Node = apply(
            ops()["dropout"], node, kept, kind="dropout", name=scope, known=node.dims, rate=dropped
        )
    return made


def _noise_shape(x: Node, lengths: Any) -> Any:
    """Return the lengths with those of x in the place of None, plain ones or a node."""
    if isinstance(lengths, Constant):
        lengths = lengths.value
    if not isinstance(lengths, Node):
        if not isinstance(lengths, Sequence) and getattr(lengths, "ndim", 0) != 1:
            raise _no_noise_shape(lengths)
        own = [*lengths]
        if None in own and x.dims is not None and len(x.dims) == len(own):
            every = shape(x)
            known = [every[i] if n is None else n for i, n in enumerate(x.dims)]
            own = [n if m is None else m for m, n in zip(own, known, strict=True)]
        if not all(isinstance(n, Node) or _is_length(n) for n in own):
            raise _no_noise_shape(lengths)
        lengths = static(own)
        if not isinstance(lengths, Node):
            return lengths
    need_integers("dropout", "noise_shape", lengths)
    need_rank("dropout", "noise_shape", lengths.dims, 1)

    def checked(n: Array) -> Array:
        need_rank("dropout", "noise_shape", n.shape, 1)
        if (n < 0).any():
            raise _no_noise_shape(n.tolist())
        return n

    dims, dtype = lengths.dims, lengths.dtype
    return Function(x.graph, "noise_shape", checked, [lengths], dims=dims, dtype=dtype)


def _is_length(n: Any) -> Any:
    return isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 0


def _no_noise_shape(lengths: Any) -> ShapeError:
    return ShapeError(
        "dropout",
        got=f"noise_shape={lengths!r}",
        needs="integers of at least 0 in a list, None for x's own length where its rank is known",
        cause="None takes the place of -1.",
    )


def _broadcast(kept: Node, x: Node) -> Node:
    """Return a mask in the shape of x."""

    def whole(m: Array, a: Array) -> Array:
        try:
            return np.broadcast_to(m, a.shape)
        except ValueError:
            raise ShapeError(
                "dropout",
                got=f"noise_shape={m.shape} for an array of shape {a.shape}",
                needs="lengths of 1, or the array's own",
                cause="Is it another array's?",
            ) from None

    inputs = [kept, x]
    return Function(x.graph, "BroadcastTo", whole, inputs, dims=x.dims, dtype=kept.dtype)


def embedding_lookup(
    params: Any,
    ids: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    validate_indices: bool = True,
    max_norm: Any = None,
) -> Node:
    """Return the rows of params at ids.

    Raises
    ------
    OptionError
        For ``max_norm``, and for several params among which the rows are divided.
    """
    if isinstance(params, list | tuple) and len(params) == 1:
        params = params[0]
    if isinstance(params, list | tuple) and any(isinstance(p, Node) for p in params):
        raise OptionError(
            "embedding_lookup",
            got=f"{len(params)} params",
            needs="one matrix, which has all rows",
            cause="concat joins them where the strategy is 'div'.",
        )
    if max_norm is not None:
        raise OptionError(
            "embedding_lookup",
            got=f"max_norm={max_norm!r}",
            needs="None",
            cause="clip_by_norm of the result, with axes=-1, does the same.",
        )
    return gather(value(params), value(ids), name)


def zero_fraction(value: Any, name: str | None = None) -> Node:
    """Return the share of entries that are 0."""
    return reduce_mean(cast(binary("equal", _value(value), 0), float32), name=name)


def in_top_k(predictions: Any, targets: Any, k: int, name: str | None = None) -> Node:
    """Return for each row whether the score of its target is among the k largest.

    A target that is no class is not, nor is any where its score is not finite.
    """
    scores, labels = value(predictions), value(targets)

    def within(rows: Array, classes: Array) -> Array:
        known = (classes >= 0) & (classes < rows.shape[1])
        own = rows[np.arange(len(rows)), np.where(known, classes, 0)]
        larger = (rows > own[:, np.newaxis]).sum(axis=1)
        return np.asarray(known & np.isfinite(own) & (larger < k))

    return Function(
        scores.graph,
        "InTopK",
        within,
        [scores, labels],
        dims=labels.dims,
        dtype=bool,
        name=name,
    )
