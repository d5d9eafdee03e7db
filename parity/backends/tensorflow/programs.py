"""Programs of TensorFlow 1 watched while they train, from any state that they are put into.

Everything that is patched is patched here, while a context lasts: Session.run, the methods of
optimizers that make training operations, and the switches from TensorFlow 2 back to 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, Protocol

import numpy as np

from parity.backends.base import Array, Values
from parity.errors import SidesError

UNIFORM = "RandomUniform"  # the kind of operation whose draws dropout compares with its rate
_POWER = re.compile(r"(.*/)?beta([12])_power(_\d+)?")


class Drawn(NamedTuple):
    """What a random node of refnet's drew; a mask has 1 for what dropout keeps."""

    value: Array
    mask: bool


class Start(NamedTuple):
    """What a training step starts from: variables by name, and draws by the node's name.

    ``powers`` are what Adam has in the place of a count of updates, beta1^t and beta2^t of each in
    the order in which they were made.
    """

    variables: Mapping[str, Array] = {}
    draws: Mapping[str, Drawn] = {}
    powers: Sequence[tuple[float, float]] = ()


class Taken(NamedTuple):
    """What a training step read and computed: everything by the names of the graph.

    ``losses`` and ``gradients`` are those of each training operation that ran, in order;
    ``variables`` are what they are after the step, without the powers that Adam counts by.
    """

    feeds: Values
    losses: list[Array | None]
    gradients: list[Values]
    variables: Values


class Watcher(Protocol):
    """Who sees every training step of a program, and says what it starts from."""

    def before(self, own: Callable[[], Values]) -> Start:
        """Return what the next step is to start from; what it has not stays as it is.

        ``own()`` returns the variables as the program has them.
        """
        ...

    def after(self, taken: Taken) -> None:
        """See what the step has computed."""
        ...


class _Training(NamedTuple):
    """A training operation, its loss and its gradients by variable."""

    op: Any
    loss: Any
    gradients: dict[str, Any]


@contextmanager
def watched(tf: Any, options: Any, watcher: Watcher) -> Iterator[None]:
    """Show the training steps of a program run within to ``watcher``.

    TensorFlow is not eager within, and has a new default graph; sessions run with ``options``
    unless the program has its own.
    """
    tf1 = tf.compat.v1
    watching = _Watching(tf1, options, watcher)
    sessions = next(c for c in tf1.Session.__mro__ if "run" in vars(c))
    optimizers = tf1.train.Optimizer
    with _graphs_alone(tf1), ExitStack() as patches:
        for owner, name, made in (
            (sessions, "run", watching.run),
            (tf1.InteractiveSession, "__init__", watching.opened),
            (optimizers, "compute_gradients", watching.compute_gradients),
            (optimizers, "apply_gradients", watching.apply_gradients),
            # They cannot be undone, and what they ask for is so already.
            (tf1, "disable_v2_behavior", _left_alone),
            (tf1, "disable_eager_execution", _left_alone),
        ):
            original = getattr(owner, name)
            patches.callback(setattr, owner, name, original)
            setattr(owner, name, made(original))
        patches.callback(watching.close)
        yield


@contextmanager
def _graphs_alone(tf1: Any) -> Iterator[None]:
    """Let TensorFlow be as TensorFlow 1, without eager execution, from a new default graph on."""
    eager = tf1.executing_eagerly()
    if eager:
        tf1.disable_eager_execution()
    tf1.reset_default_graph()
    try:
        yield
    finally:
        tf1.reset_default_graph()
        if eager:
            tf1.enable_eager_execution()


class _Watching:
    """The functions that stand in for TensorFlow's own, and what they remember."""

    def __init__(self, tf1: Any, options: Any, watcher: Watcher) -> None:
        self.tf1, self.options, self.watcher = tf1, options, watcher
        self.losses: dict[int, Any] = {}  # by optimizer
        self.optimizers: list[Any] = []  # so that no other takes the place of one
        self.trainings: list[_Training] = []
        self.interactive: list[Any] = []
        self._found: dict[Any, list[_Training]] = {}

    def compute_gradients(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Remember the loss."""

        def compute_gradients(optimizer: Any, loss: Any, *args: Any, **kwargs: Any) -> Any:
            self.losses[id(optimizer)] = loss
            self.optimizers.append(optimizer)
            return original(optimizer, loss, *args, **kwargs)

        return compute_gradients

    def apply_gradients(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Remember the operation and the gradients."""

        def apply_gradients(optimizer: Any, pairs: Any, *args: Any, **kwargs: Any) -> Any:
            pairs = list(pairs)
            op = original(optimizer, pairs, *args, **kwargs)
            dense = {v.op.name: self.tf1.convert_to_tensor(g) for g, v in pairs if g is not None}
            self.trainings.append(_Training(op, self.losses.get(id(optimizer)), dense))
            return op

        return apply_gradients

    def run(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Show what trains to the watcher."""

        def run(
            session: Any,
            fetches: Any,
            feed_dict: Any = None,
            options: Any = None,
            run_metadata: Any = None,
        ) -> Any:
            options = options or self.options
            trainings = self._trainings(session.graph, fetches)
            if not trainings:
                return original(session, fetches, feed_dict, options, run_metadata)
            variables = {
                v.op.name: v
                for v in session.graph.get_collection(self.tf1.GraphKeys.GLOBAL_VARIABLES)
            }

            def values() -> Values:
                names = self._initialized(session, original, variables)
                found = original(session, [variables[n] for n in names], None, self.options)
                return dict(zip(names, map(np.asarray, found), strict=True))

            start = self.watcher.before(values)
            state = {**start.variables, **_powers(variables, start.powers)}
            for name in state.keys() & variables.keys():
                initializer = variables[name].initializer
                set_to = {initializer.inputs[1]: state[name]}
                original(session, initializer, set_to, self.options)
            fed = dict(feed_dict or {}) | self._drawn(session.graph, trainings, start.draws)
            wanted = [([] if t.loss is None else [t.loss], t.gradients) for t in trainings]
            result, found = original(session, (fetches, wanted), fed, options, run_metadata)
            self.watcher.after(
                Taken(
                    self._feeds(session.graph, feed_dict),
                    [np.asarray(loss[0]) if loss else None for loss, _ in found],
                    [{n: np.asarray(g) for n, g in grads.items()} for _, grads in found],
                    values(),
                )
            )
            return result

        return run

    def opened(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Remember the session, which is the default until it is closed."""

        def init(session: Any, *args: Any, **kwargs: Any) -> None:
            original(session, *args, **kwargs)
            self.interactive.append(session)

        return init

    def close(self) -> None:
        """Close the sessions that a program left as the default."""
        for session in reversed(self.interactive):
            if not session._closed:
                session.close()

    def _initialized(
        self, session: Any, original: Callable[..., Any], variables: Mapping[str, Any]
    ) -> list[str]:
        """Return the names of the variables that have a value, but for Adam's powers."""
        key = ("initialized", session.graph, len(variables))
        if key not in self._found:
            with session.graph.as_default():
                asked = [self.tf1.is_variable_initialized(v) for v in variables.values()]
            self._found[key] = asked
        flags = original(session, self._found[key], None, self.options)
        return [
            name
            for name, has in zip(variables, flags, strict=True)
            if has and not _POWER.fullmatch(name)
        ]

    def _trainings(self, graph: Any, fetches: Any) -> list[_Training]:
        """Return the training operations that are run when ``fetches`` are fetched."""
        known = [t for t in self.trainings if t.op.graph is graph]
        if not known:
            return []
        fetched = [
            _operation(graph.as_graph_element(f))
            for f in self.tf1.nest.flatten(fetches, expand_composites=True)
        ]
        key = (graph, len(self.trainings), *(op.name for op in fetched))
        if key not in self._found:
            ran = _needed(fetched)
            self._found[key] = [t for t in known if _operation(t.op) in ran]
        return self._found[key]

    def _feeds(self, graph: Any, feed_dict: Any) -> Values:
        """Return what is fed, by the name of the tensor and in its dtype."""
        fed = {}
        for key, value in (feed_dict or {}).items():
            tensor = graph.as_graph_element(key, allow_operation=False)
            fed[tensor.op.name] = np.asarray(value, tensor.dtype.as_numpy_dtype)
        return fed

    def _drawn(
        self, graph: Any, trainings: Sequence[_Training], draws: Mapping[str, Drawn]
    ) -> dict[Any, Array]:
        """Return what is to be fed so that random operations draw what refnet's drew.

        A node is fed by its name, and dropout's masks in their order to the draws that TensorFlow
        compares with the rate: 0 for what is dropped, and just below 1 for what is kept.
        """
        if not draws:
            return {}
        names = {op.name for op in graph.get_operations()}
        fed = {
            graph.get_tensor_by_name(f"{name}:0"): drawn.value
            for name, drawn in draws.items()
            if name in names and not drawn.mask
        }
        needed = _needed([_operation(t.op) for t in trainings], {t.op for t in fed})
        places = [
            op.outputs[0] for op in graph.get_operations() if op.type == UNIFORM and op in needed
        ]
        masks = [drawn.value for drawn in draws.values() if drawn.mask]
        if len(masks) != len(places) or len(masks) + len(fed) != len(draws):
            raise SidesError(
                "program",
                got=f"draws of {', '.join(draws)}, and {len(places)} of TensorFlow's",
                needs="random operations of the same names, and one for each dropout",
                cause="Does the program draw in another way on either side?",
            )
        for place, mask in zip(places, masks, strict=True):
            below = np.nextafter(mask.dtype.type(1), mask.dtype.type(0))
            fed[place] = np.where(mask != 0, below, 0).astype(mask.dtype)
        return fed


def _powers(names: Iterable[str], powers: Sequence[tuple[float, float]]) -> Values:
    """Return Adam's powers by the names of the variables that hold them."""
    held: tuple[list[str], list[str]] = ([], [])
    for name in names:
        found = _POWER.fullmatch(name)
        if found:
            held[int(found[2]) - 1].append(name)
    pairs = zip(zip(*held, strict=True), powers, strict=bool(powers))
    return {n: np.array(p) for each, of in pairs for n, p in zip(each, of, strict=True)}


def _left_alone(_: Callable[..., Any]) -> Callable[..., None]:
    """Return a function that changes nothing."""
    return lambda *_, **__: None


def _operation(element: Any) -> Any:
    """Return an operation: itself, or the one that makes a tensor."""
    return getattr(element, "op", element)


def _needed(ops: Sequence[Any], given: Any = frozenset()) -> set[Any]:
    """Return the operations that others need, themselves among them; not beyond ``given``."""
    found: set[Any] = set()
    waiting = list(ops)
    while waiting:
        op = waiting.pop()
        if op in found or op in given:
            continue
        found.add(op)
        waiting += [t.op for t in op.inputs]
        waiting += op.control_inputs
    return found
