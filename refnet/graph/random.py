"""Nodes that draw: anew in every run, the same in every session that begins anew.

A node draws from a generator that is seeded with its own seed and the graph's. A node without a
seed of its own has its number among the graph's random nodes in that place, so that a program
without seeds draws the same numbers whenever and wherever it is run. The draws are NumPy's: other
systems draw others from the same seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from refnet.arrays import FLOAT32, Array, Shape
from refnet.errors import OptionError
from refnet.graph.graph import Graph, get_default_graph
from refnet.graph.node import Node
from refnet.graph.shapes import Dims
from refnet.graph.sources import Constant, convert, dims_of, dtype_of
from refnet.initializers.base import fans
from refnet.initializers.normal import std_normal
from refnet.initializers.normal import truncated_normal as truncated
from refnet.ops.dropout import dropout_mask

Draw = Callable[..., Array]


class Random(Node):
    """A node that draws: ``draw(rng, dtype, *values)`` gives its value."""

    def __init__(
        self,
        graph: Graph,
        kind: str,
        draw: Draw,
        inputs: Sequence[Node],
        *,
        dims: Dims,
        dtype: np.dtype[Any],
        seed: int | None,
        name: str | None,
    ) -> None:
        self.draw = draw
        number = sum(isinstance(n, Random) for n in graph.nodes)
        self.entropy = (graph.seed, 0, number) if seed is None else (graph.seed, 1, _seed(seed))
        super().__init__(graph, kind, inputs, dims=dims, dtype=dtype, name=name)

    def generator(self) -> np.random.Generator:
        """Return the generator that a session starts with."""
        return np.random.default_rng(np.random.SeedSequence(self.entropy))


def set_random_seed(seed: int) -> None:
    """Set the seed of the default graph, for the random nodes that are made from here on.

    Raises
    ------
    OptionError
        If it is no integer of at least 0.
    """
    get_default_graph().seed = _seed(seed)


def random_normal(
    shape: Any,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Node:
    """Return draws from the normal distribution.

    Examples
    --------
    >>> from refnet.graph import Graph, Session
    >>> with Graph().as_default(), Session() as session:
    ...     node = random_normal([1000], seed=1)
    ...     a, b = session.run(node), session.run(node)
    >>> bool((a == b).any()), bool(abs(a.std() - 1) < 0.1)
    (False, True)
    """
    draw = std_normal(gain=1.0)
    return drawn("random_normal", _scaled(draw, mean, stddev), shape, dtype, seed, name)


def truncated_normal(
    shape: Any,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Node:
    """Return draws from the normal distribution, those beyond two standard deviations redrawn."""
    draw = truncated()
    return drawn("truncated_normal", _scaled(draw, mean, stddev), shape, dtype, seed, name)


def random_uniform(
    shape: Any,
    minval: float = 0,
    maxval: float | None = None,
    dtype: Any = FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Node:
    """Return draws from [minval, maxval), integers for a dtype of integers; maxval is 1 there."""
    wanted = dtype_of("random_uniform", dtype)
    if wanted.kind != "f" and maxval is None:
        raise OptionError(
            "random_uniform",
            got="no maxval for integers",
            needs="a maxval",
            cause="Only floats have 1 for it.",
        )
    high = 1.0 if maxval is None else maxval

    def draw(rng: np.random.Generator, dtype: np.dtype[Any], lengths: Shape) -> Array:
        if dtype.kind != "f":
            return rng.integers(int(minval), int(high), lengths, dtype)
        return np.asarray(minval + (high - minval) * rng.random(lengths)).astype(dtype)

    return drawn("random_uniform", draw, shape, wanted, seed, name)


def glorot(shape: Sequence[int], dtype: Any = FLOAT32, seed: int | None = None) -> Node:
    """Return draws of Glorot & Bengio 2010's uniform distribution, also for a vector.

    The fans of a vector are both its length, as TensorFlow has it.
    """
    fan_in, fan_out = fans_of(shape)
    limit = math.sqrt(6 / max(1, fan_in + fan_out))
    return random_uniform(shape, -limit, limit, dtype, seed, "random_uniform")


def fans_of(shape: Sequence[int]) -> tuple[int, int]:
    """Return the fans of a weight's shape; a vector's are both its length, a number's 1.

    Examples
    --------
    >>> fans_of([3, 3, 16, 32]), fans_of([7])
    ((144, 288), (7, 7))
    """
    if len(shape) > 1:
        return fans("fans_of", tuple(shape))
    n = shape[0] if shape else 1
    return n, n


def mask(x: Node, rate: Any, seed: int | None, name: str | None = None) -> Node:
    """Return which elements of x dropout keeps (1) and drops (0), in x's dtype."""

    def draw(rng: np.random.Generator, dtype: np.dtype[Any], value: Array, rate: Array) -> Array:
        return dropout_mask(value.shape, rate=float(rate), rng=rng, dtype=dtype)

    assert x.dtype is not None
    return Random(
        x.graph,
        "dropout_mask",
        draw,
        [x, convert(rate)],
        dims=x.dims,
        dtype=x.dtype,
        seed=seed,
        name=name,
    )


def drawn(
    kind: str, draw: Draw, shape: Any, dtype: Any, seed: int | None, name: str | None
) -> Node:
    """Return a node that draws an array of a shape, which may be a node itself."""
    wanted = dtype_of(kind, dtype)
    if isinstance(shape, list | tuple) and any(isinstance(n, Node) for n in shape):
        shape = convert(list(shape))
    if isinstance(shape, Constant):
        shape = shape.value.tolist()
    computed = isinstance(shape, Node)
    dims = None if computed else dims_of(kind, shape)

    def whole(rng: np.random.Generator, dtype: np.dtype[Any], *lengths: Array) -> Array:
        known = lengths[0].tolist() if lengths else dims
        return draw(rng, dtype, tuple(known or ()))

    inputs = [shape] if computed else []
    graph = shape.graph if computed else get_default_graph()
    return Random(graph, kind, whole, inputs, dims=dims, dtype=wanted, seed=seed, name=name)


def _scaled(initializer: Any, mean: float, stddev: float) -> Draw:
    def draw(rng: np.random.Generator, dtype: np.dtype[Any], lengths: Shape) -> Array:
        return np.asarray(mean + stddev * initializer(lengths, rng, np.float64)).astype(dtype)

    return draw


def _seed(seed: Any) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise OptionError(
            "seed", got=f"{seed!r}", needs="an integer of at least 0", cause="Is it a float?"
        )
    return int(seed)
