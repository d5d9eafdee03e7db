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

from refnet.arrays import FLOAT32, Array, Shape, is_float
from refnet.errors import OptionError, ShapeError
from refnet.graph.arithmetic import binary
from refnet.graph.graph import Graph, get_default_graph
from refnet.graph.node import Node
from refnet.graph.shapes import Dims
from refnet.graph.sources import Constant, convert, dims_of, dtype_of, known_lengths
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
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Node:
    """Return draws from the normal distribution.

    ``mean`` and ``stddev`` are numbers, arrays or nodes; to nodes there are derivatives.

    Examples
    --------
    >>> from refnet.graph import Graph, Session
    >>> with Graph().as_default(), Session() as session:
    ...     node = random_normal([1000], seed=1)
    ...     a, b = session.run(node), session.run(node)
    >>> bool((a == b).any()), bool(abs(a.std() - 1) < 0.1)
    (False, True)
    """
    draw = _of(std_normal(gain=1.0))
    return _moved("random_normal", draw, mean, stddev, shape, dtype, seed, name)


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Node:
    """Return draws from the normal distribution, those beyond two standard deviations redrawn."""
    draw = _of(truncated())
    return _moved("truncated_normal", draw, mean, stddev, shape, dtype, seed, name)


def random_uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Node:
    """Return draws from [minval, maxval), integers for a dtype of integers; maxval is 1 there.

    Both are numbers, arrays or nodes.
    """
    wanted = dtype_of("random_uniform", dtype)
    if not is_float(wanted) and maxval is None:
        raise OptionError(
            "random_uniform",
            got="no maxval for integers",
            needs="a maxval",
            cause="Only floats have 1 for it.",
        )
    high = 1.0 if maxval is None else maxval
    if is_float(wanted):
        low, high = (
            v if isinstance(v, Node) else np.asarray(v, wanted) if np.ndim(v) else v
            for v in (minval, high)
        )
        width = high - low
        return _moved("random_uniform", _uniform, low, width, shape, wanted, seed, name)

    def draw(
        rng: np.random.Generator, dtype: np.dtype[Any], lengths: Shape, low: Array, high: Array
    ) -> Array:
        return np.asarray(rng.integers(low, high, lengths, dtype))

    called = name or "random_uniform"
    bounds = _whole(minval, wanted, f"{called}/min"), _whole(high, wanted, f"{called}/max")
    return drawn("random_uniform", draw, shape, wanted, seed, name, bounds)


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
    kind: str,
    draw: Draw,
    shape: Any,
    dtype: Any,
    seed: int | None,
    name: str | None,
    parameters: Sequence[Node] = (),
) -> Node:
    """Return a node that draws an array of a shape, which may be a node itself.

    ``draw(rng, dtype, lengths, *parameters)`` gives its value.
    """
    wanted = dtype_of(kind, dtype)
    if isinstance(shape, list | tuple) and any(isinstance(n, Node) for n in shape):
        shape = convert(list(shape))
    if isinstance(shape, Constant):
        shape = shape.value.tolist()
    inputs = list(parameters)
    if isinstance(shape, Node):
        dims = known_lengths(shape)
        inputs.append(shape)
    else:
        dims = dims_of(kind, shape)
    n = len(parameters)

    def whole(rng: np.random.Generator, dtype: np.dtype[Any], *values: Array) -> Array:
        lengths = values[n].tolist() if len(values) > n else dims
        return draw(rng, dtype, tuple(lengths or ()), *values[:n])

    graph = inputs[0].graph if inputs else get_default_graph()
    return Random(graph, kind, whole, inputs, dims=dims, dtype=wanted, seed=seed, name=name)


def _moved(
    kind: str,
    draw: Draw,
    low: Any,
    width: Any,
    shape: Any,
    dtype: Any,
    seed: int | None,
    name: str | None,
) -> Node:
    """Return draws times ``width``, plus ``low``: rounded once, or step by step if one has axes.

    ``draw(rng, lengths)`` gives them in float64.
    """
    wanted = dtype_of(kind, dtype)

    def scaled(rng: np.random.Generator, dtype: np.dtype[Any], lengths: Shape) -> Array:
        return np.asarray(low + width * draw(rng, lengths)).astype(dtype)

    def plain(rng: np.random.Generator, dtype: np.dtype[Any], lengths: Shape) -> Array:
        return np.asarray(draw(rng, lengths)).astype(dtype)

    if not any(isinstance(v, Node) or np.ndim(v) for v in (low, width)):
        return drawn(kind, scaled, shape, wanted, seed, name)
    given = [v for v in (low, width) if isinstance(v, Node)]
    graph = given[0].graph if given else get_default_graph()
    with graph.as_default(), graph.name_scope(name or kind) as scope:
        noise = drawn(kind, plain, shape, wanted, seed, None)
        return binary("add", binary("multiply", noise, width), low, scope)


def _whole(value: Any, dtype: np.dtype[Any], name: str) -> Node:
    """Return a limit of integers as a node."""
    is_node = isinstance(value, Node)
    if (value.dims if is_node else np.shape(value)) not in ((), None):
        raise ShapeError(
            name,
            got=f"{value!r}",
            needs="a single number",
            cause="Only floats are drawn between limits of an array.",
        )
    if not is_node and value != int(value):
        raise OptionError(
            name, got=f"{value!r}", needs="an integer", cause="Is the dtype of floats meant?"
        )
    return convert(value, dtype, name)


def _of(initializer: Any) -> Draw:
    return lambda rng, lengths: initializer(lengths, rng, np.float64)


def _uniform(rng: np.random.Generator, lengths: Shape) -> Array:
    return rng.random(lengths)


def _seed(seed: Any) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise OptionError(
            "seed", got=f"{seed!r}", needs="an integer of at least 0", cause="Is it a float?"
        )
    return int(seed)
