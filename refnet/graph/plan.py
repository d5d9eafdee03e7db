"""A plan: what a run of a graph computes, in order, ready to be carried out many times."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.errors import FeedError, RefnetError, ShapeError, UninitializedError
from refnet.graph.applied import Applied, Pulled, renamed
from refnet.graph.fusion import Product, products
from refnet.graph.node import Node
from refnet.graph.order import topological_sort
from refnet.graph.random import Random
from refnet.graph.sources import Constant, Placeholder
from refnet.graph.training import Apply
from refnet.graph.variable import State, Stateful, Variable
from refnet.ops.dense import dense

Draws = Callable[[Random], np.random.Generator]


class Work(NamedTuple):
    """What one carrying out has in hand."""

    values: list[Any]  # by place
    state: State  # as it is at this turn
    draws: Draws | None


Step = Callable[[Work], None]


class Plan:
    """The steps from feeds and variables to the values of ``fetches``.

    Attributes
    ----------
    fed : list of Node
        The nodes among the feeds that the fetches need, in the order of their places.
    drawn : list of (Random, place)
        The random nodes that are drawn.
    """

    def __init__(
        self, fetches: Sequence[Node], feeds: frozenset[Node], wide: np.dtype[Any] | None
    ) -> None:
        order = _updates_last(topological_sort(fetches, feeds))
        places = {node: i for i, node in enumerate(order)}
        vjps = {n.of for n in order if isinstance(n, Pulled) and n.of not in feeds}
        whole = products(order, fetches, feeds)
        sums = {p.sum: p for p in whole}
        shares = {p.sum_vjp: p for p in whole}
        within: set[Node | None] = {n for p in whole for n in (p.product, p.product_vjp)}
        self.size = len(order) + len(vjps)
        closures = {node: len(order) + i for i, node in enumerate(n for n in order if n in vjps)}
        self.fed = [(n, places[n]) for n in order if n in feeds]
        self.variables = [
            (n, places[n]) for n in order if isinstance(n, Variable) and n not in feeds
        ]
        self.drawn = [(n, places[n]) for n in order if isinstance(n, Random) and n not in feeds]
        self.fetched = [places[n] for n in fetches]
        self.changes = any(isinstance(n, Stateful) for n in order)
        self.constants: list[tuple[int, Any]] = []
        self.steps: list[tuple[Node, Step]] = []
        for node in order:
            if node in feeds or isinstance(node, Variable) or node in within:
                continue
            at = [places[n] for n in node.inputs]
            match node:
                case Placeholder():
                    raise _unfed(node, fetches)
                case Constant():
                    self.constants.append((places[node], node.kernel(wide)()))
                case Applied() if node in sums:
                    p = sums[node]
                    at = [places[n] for n in p.inputs]
                    if node in vjps:
                        step = _with_vjp(dense.with_vjp, at, places[node], closures[node])
                    else:
                        step = _pure(dense, at, places[node])
                    self.steps.append((p.product, step))  # whose shapes are those that may not fit
                case Pulled() if node in shares:
                    self.steps.append((node, _dense_pulled(shares[node], places, closures)))
                case Applied() if node in vjps:
                    step = _with_vjp(node.kernel_with_vjp(wide), at, places[node], closures[node])
                    self.steps.append((node, step))
                case Pulled():
                    closure = closures.get(node.of)
                    self.steps.append((node, _pulled(node, at, places[node], closure, wide)))
                case Random():
                    self.steps.append((node, _drawn(node, at, places[node], wide)))
                case Stateful():
                    kernel = node.kernel(wide)
                    self.steps.append((node, _stateful(kernel, at, places[node])))
                case _:
                    self.steps.append((node, _pure(node.kernel(wide), at, places[node])))

    def carry_out(
        self, feeds: Mapping[Node, Array], state: Mapping[Variable, Array], draws: Draws | None
    ) -> tuple[list[Any], State, dict[Node, Array]]:
        """Return the fetches' values, the variables after the run and what was drawn.

        Raises
        ------
        UninitializedError
            If a variable has no value; it names the variable.
        RefnetError
            Whatever an operation raises, with the name of its node.
        """
        values: list[Any] = [None] * self.size
        for place, value in self.constants:
            values[place] = value
        for node, place in self.fed:
            values[place] = feeds[node]
        after = dict(state) if self.changes else state
        work = Work(values, after, draws)  # type: ignore[arg-type]
        for variable, place in self.variables:
            if variable not in state:
                raise _uninitialized(variable)
            values[place] = state[variable]
        at = self.steps[0][0] if self.steps else None
        try:
            for at, step in self.steps:  # noqa: B007
                step(work)
        except RefnetError as error:
            assert at is not None
            raise renamed(error, f"{error.operation}, node {at.name!r}") from error
        except (ValueError, IndexError) as error:
            assert at is not None
            raise ShapeError(
                f"{at.kind}, node {at.name!r}",
                got=f"values that NumPy refuses: {error}",
                needs="shapes that fit one another, and places within them",
                cause=f"Its inputs are {', '.join(n.name for n in at.inputs) or 'none'}.",
            ) from error
        except KeyError as error:
            if isinstance(error.args[0], Variable):
                raise _uninitialized(error.args[0]) from None
            raise
        drawn = {node: values[place] for node, place in self.drawn}
        return [values[place] for place in self.fetched], after, drawn  # type: ignore[return-value]


def _updates_last(order: Sequence[Node]) -> list[Node]:
    """Return the order with optimizers' updates, and what waits for them, after all else.

    They move what a variable is at their turn: an assignment of a value from before the run, as
    clipped weights are, would undo them.
    """
    late: set[Node] = set()
    for node in order:
        if isinstance(node, Apply) or not late.isdisjoint((*node.inputs, *node.controls)):
            late.add(node)
    return [n for n in order if n not in late] + [n for n in order if n in late]


def _pure(call: Callable[..., Any], at: Sequence[int], place: int) -> Step:
    if len(at) == 1:
        (a,) = at

        def unary(work: Work) -> None:
            values = work[0]
            values[place] = call(values[a])

        return unary
    if len(at) == 2:
        a, b = at

        def binary(work: Work) -> None:
            values = work[0]
            values[place] = call(values[a], values[b])

        return binary

    def step(work: Work) -> None:
        values = work[0]
        values[place] = call(*[values[i] for i in at])

    return step


def _with_vjp(call: Callable[..., Any], at: Sequence[int], place: int, closure: int) -> Step:
    def step(work: Work) -> None:
        values = work[0]
        values[place], values[closure] = call(*[values[i] for i in at])

    return step


def _pulled(
    node: Pulled, at: Sequence[int], place: int, closure: int | None, wide: np.dtype[Any] | None
) -> Step:
    n = sum(node.given)
    dys, inputs = at[:n], at[n + 1 :]  # between them: the operation itself
    wrt = node.wrt
    if closure is None:  # the operation's value was fed
        pullback = node.of.pullback(wide)

        def anew(work: Work) -> None:
            values = work[0]
            dy = node.cotangent([values[i] for i in dys])
            values[place] = pullback(dy, wrt, *[values[i] for i in inputs])

        return anew
    if not node.of.parts:
        (dy,) = dys

        def single(work: Work) -> None:
            values = work[0]
            values[place] = values[closure](values[dy], wrt=wrt)

        return single

    def step(work: Work) -> None:
        values = work[0]
        values[place] = values[closure](node.cotangent([values[i] for i in dys]), wrt=wrt)

    return step


def _dense_pulled(p: Product, places: Mapping[Node, int], closures: Mapping[Applied, int]) -> Step:
    assert p.sum_vjp is not None
    dy_at, place, closure = places[p.sum_vjp.inputs[0]], places[p.sum_vjp], closures[p.sum]
    product = None if p.product_vjp is None else places[p.product_vjp]
    wrt, first = p.wrt, p.bias == 0

    def step(work: Work) -> None:
        values = work[0]
        dy = values[dy_at]
        dx, dw, db = values[closure](dy, wrt=wrt)
        values[place] = (db, dy) if first else (dy, db)
        if product is not None:
            values[product] = dx, dw

    return step


def _stateful(call: Callable[..., Any], at: Sequence[int], place: int) -> Step:
    def step(work: Work) -> None:
        values = work[0]
        values[place] = call(work[1], *[values[i] for i in at])

    return step


def _drawn(node: Random, at: Sequence[int], place: int, wide: np.dtype[Any] | None) -> Step:
    dtype = node.float_dtype(wide)

    def step(work: Work) -> None:
        if work.draws is None:
            raise FeedError(
                f"feed of {node.name!r}",
                got="nothing for a node that draws",
                needs="a value for it: an evaluation without a session draws nothing",
                cause="Is what the session drew left out?",
            )
        values = work.values
        values[place] = node.draw(work.draws(node), dtype, *[values[i] for i in at])

    return step


def _unfed(node: Placeholder, fetches: Sequence[Node]) -> FeedError:
    names = ", ".join(repr(n.name) for n in fetches)
    return FeedError(
        f"feed of {node.name!r}",
        got=f"nothing for it in the feed_dict of {names}",
        needs=f"a value of dtype {node.dtype} and shape {node.shape}",
        cause="Is it missing from feed_dict, or is another placeholder of that name fed?",
    )


def _uninitialized(variable: Variable) -> UninitializedError:
    return UninitializedError(
        f"variable {variable.name!r}",
        got="no value in this session",
        needs="a value before it is used",
        cause="Was global_variables_initializer() run, in this session, after the variable (or the "
        "optimizer) was made?",
    )
