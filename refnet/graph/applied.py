"""Operations of refnet as nodes: the value, its parts where there are several, and the VJP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import RefnetError
from refnet.graph.graph import Graph
from refnet.graph.node import Node
from refnet.graph.shapes import Dims, inferred
from refnet.graph.sources import Constant, convert
from refnet.op import Op


class Applied(Node):
    """An operation of refnet, applied to nodes.

    Attributes
    ----------
    called : Op
        The operation.
    options : mapping
        Its options. Those whose value is computed in the graph are in ``computed`` instead, in the
        order in which their nodes follow the operation's inputs.
    parts : tuple of Part
        The results, where the operation has several.
    """

    def __init__(
        self,
        graph: Graph,
        called: Op[Any, Any],
        inputs: Sequence[Node],
        options: Mapping[str, Any],
        computed: Mapping[str, Node],
        shapes: Sequence[Dims],
        kind: str,
        name: str | None,
    ) -> None:
        self.called = called
        self.options = dict(options)
        self.computed = tuple(computed)
        self.n_inputs = len(inputs)
        dtype = np.dtype(options["dtype"]) if "dtype" in options else _floats(inputs)
        super().__init__(
            graph, kind, [*inputs, *computed.values()], dims=shapes[0], dtype=dtype, name=name
        )
        self.parts: tuple[Part, ...] = ()

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:
        """Return the operation with its options."""
        return self._with_options(self.called, wide)

    def kernel_with_vjp(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:
        """Return the function from the inputs to the value and the VJP at them."""
        return self._with_options(self.called.with_vjp, wide)

    def pullback(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:
        """Return the function ``(dy, wrt, *inputs)`` to the inputs' cotangents."""
        vjp = self.called.vjp

        def pulled(dy: Any, wrt: Sequence[str], *inputs: Array) -> Any:
            call = self._with_options(lambda *xs, **o: vjp(dy, *xs, wrt=wrt, **o), wide)
            return call(*inputs)

        return pulled

    def _with_options(
        self, call: Callable[..., Any], wide: np.dtype[Any] | None
    ) -> Callable[..., Any]:
        options = self.options
        if wide is not None and "dtype" in options and self.dtype and is_float(self.dtype):
            options = {**options, "dtype": wide}
        if not self.computed:
            return partial(call, **options) if options else call
        n, names = self.n_inputs, self.computed

        def filled(*values: Array) -> Any:
            found = zip(names, map(_as_option, values[n:]), strict=True)
            return call(*values[:n], **options, **dict(found))

        return filled


class Part(Node):
    """One result of an operation, or of a VJP, that has several."""

    def __init__(self, of: Node, index: int, dims: Dims, dtype: np.dtype[Any]) -> None:
        self.index = index
        name = f"{of.op.name.removeprefix(of.graph.scope)}_{index}" if index else None
        super().__init__(of.graph, of.kind, [of], dims=dims, dtype=dtype, name=name)

    def kernel(self, wide: np.dtype[Any] | None) -> Callable[..., Any]:  # noqa: ARG002
        """Return the function that takes the result out of all of them."""
        index = self.index
        return lambda every: every[index]


class Pulled(Node):
    """The VJP of an operation: from cotangents of its results to those of some inputs.

    Its value is the tuple of all cotangents, with None for those that are not wanted. Its inputs
    are the cotangents that there are, the operation and the operation's inputs.
    """

    def __init__(self, of: Applied, dys: Sequence[Node | None], wrt: Sequence[int]) -> None:
        self.of = of
        names = of.called.names(of.n_inputs)
        self.wrt = tuple([names[i] for i in wrt])
        self.given = tuple([dy is not None for dy in dys])
        cotangents = [dy for dy in dys if dy is not None]
        super().__init__(
            of.graph,
            "vjp",
            [*cotangents, of, *of.inputs],
            dims=None,
            dtype=of.dtype,
            name=f"gradients/{of.op.name}_vjp",
        )

    def cotangent(self, values: Sequence[Any]) -> Any:
        """Return what the VJP is handed, from the values of the cotangents that there are."""
        if not self.of.parts:
            return values[0]
        found = iter(values)
        return tuple([next(found) if given else None for given in self.given])


def apply(
    called: Op[Any, Any],
    *inputs: Any,
    kind: str | None = None,
    name: str | None = None,
    results: int | None = None,
    known: Dims = None,
    **options: Any,
) -> Any:
    """Return an operation of refnet applied to nodes, or to values that become constants.

    Parameters
    ----------
    called : Op
        The operation.
    *inputs : node or array_like
        Its inputs.
    kind, name : str, optional
        What it is called in the graph; by default as in refnet.
    results : int, optional
        How many results it has, where it returns several: then they come as a tuple of nodes.
    known : tuple, optional
        What is known of the result's shape, where the inputs' shapes do not tell.
    **options
        Its options; a node stands for a value that is computed in the graph.

    Raises
    ------
    ShapeError
        If the shapes do not fit the operation as far as they are known.
    DtypeError
        If the dtypes do not.

    Examples
    --------
    >>> import refnet as rn
    >>> from refnet.graph import Graph, placeholder
    >>> with Graph().as_default():
    ...     apply(rn.softmax, placeholder(np.float32, [None, 10]), name="probabilities")
    <Applied 'probabilities:0' shape=(?, 10) dtype=float32>
    """
    nodes = [convert(x) for x in inputs]
    plain = {k: v for k, v in options.items() if not isinstance(v, Node)}
    computed = {k: convert(v) for k, v in options.items() if isinstance(v, Node)}
    for option in [k for k, node in computed.items() if isinstance(node, Constant)]:
        plain[option] = _as_option(computed.pop(option).kernel(None)())
    where = f"{called.name}, node {(name or kind or called.name).removesuffix('/')!r}"
    if nodes:
        where += f" of {', '.join(n.name for n in nodes)}"
    lengths = plain.get("shape")
    if isinstance(lengths, tuple | list) and not nodes[0].shape.is_fully_defined():
        # Of reshape: too many lengths would do to try them out.
        known = tuple([None if n == -1 else n for n in lengths])
    shapes = [known]
    try:
        _check_dtypes(called, nodes)
        if known is None and not computed:
            shapes = inferred(partial(called.shape, **plain), [n.dims for n in nodes])
    except RefnetError as error:
        raise renamed(error, where) from error
    graph = nodes[0].graph
    node = Applied(graph, called, nodes, plain, computed, shapes, kind or called.name, name)
    if results is None:
        return node
    if len(shapes) != results:
        shapes = [known] * results
    assert node.dtype is not None
    node.parts = tuple([Part(node, i, dims, node.dtype) for i, dims in enumerate(shapes)])
    return node.parts


def renamed(error: RefnetError, operation: str) -> RefnetError:
    """Return an error that names another place: the node that it came up in."""
    return type(error)(operation, got=error.got, needs=error.needs, cause=error.cause)


def _check_dtypes(called: Op[Any, Any], nodes: Sequence[Node]) -> None:
    """Refuse dtypes that the operation refuses, by empty arrays of them."""
    from refnet.admission import admitted

    signature = called._signature_of(tuple(nodes)) if called.variadic else called._signature
    admitted(signature, tuple([np.empty(0, n.dtype) for n in nodes]))


def _floats(nodes: Sequence[Node]) -> np.dtype[Any]:
    """Return the dtype of the inputs that are floats, which is the result's."""
    return next(n.dtype for n in nodes if n.dtype is not None and is_float(n.dtype))


def _as_option(value: Array) -> Any:
    """Return a computed value as an option: a number, or a tuple of numbers."""
    found = np.asarray(value).tolist()
    return tuple(found) if isinstance(found, list) else found
