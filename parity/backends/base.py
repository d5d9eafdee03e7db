"""The interface of an adapter: what parity asks of an implementation.

An adapter turns NumPy arrays into calls of one implementation and back. The least that one needs is
a name and some operations::

    class Mine(Adapter):
        name = "mine"

        def operations(self):
            return {"softmax": Functions(my_softmax, my_softmax_vjp)}

and ``parity run --subject package.module:Mine`` puts them through every case. Everything else has a
default: what an adapter does not have is ``unsupported`` in the report.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from parity.errors import AdapterError, UnsupportedError
from parity.floats import accumulation_dtype

Array = NDArray[Any]
Values = dict[str, Array]


def cast_values(values: Values, dtype: Any) -> Values:
    """Return parameters, gradients or a slot in ``dtype``."""
    return {name: a.astype(dtype) for name, a in values.items()}


class Functions(NamedTuple):
    """An operation of somebody's own: ``forward(*inputs, **options)`` and its VJP.

    Both take the inputs and options of refnet's operation of that name; inputs left out are not
    passed, and an option that a function has no keyword for makes the case unsupported.
    ``vjp(dy, *inputs, **options)`` returns one cotangent per input passed (None for integers);
    without it the forward pass alone is compared.
    """

    forward: Callable[..., Any]
    vjp: Callable[..., Any] | None = None


def results(y: Array | tuple[Array, ...]) -> tuple[Array, ...]:
    """Return the results of an operation, also where there is one."""
    return y if isinstance(y, tuple) else (y,)


class Outcome(NamedTuple):
    """What an operation gave: the result, and for each cotangent the cotangents of the inputs.

    ``y`` is a tuple for an operation of several results. ``cotangents`` is None where the
    implementation has no VJP.
    """

    y: Array | tuple[Array, ...]
    cotangents: list[tuple[Array | None, ...]] | None


class Update(NamedTuple):
    """The parameters and the optimizer's slots after an update, by slot and parameter name.

    Slots go by PyTorch's names for them; SGD's is ``momentum_buffer``, there only with a momentum.
    ``done`` is the number of updates that the state counts, or None if it keeps no count.
    ``point`` is where the next gradient is to be taken; None where that is at the parameters.
    """

    params: Values
    slots: dict[str, Values]
    done: int | None = None
    point: Values | None = None


class Step(NamedTuple):
    """One training step: what it computed, and what it left.

    Parameters and gradients are named as refnet names them, such as those of a dense layer fc1:
    ``fc1.w`` (in, out) and ``fc1.b`` (out,). ``branches`` holds the decisions that the run itself
    took, numbered in order: ``"relu 0"``, a bool array of which units are active, ``"pool 1"``,
    :func:`largest_cells`, and ``"class"``, the class of each sample. What is left out is not
    compared.
    """

    loss: Array
    grads: Values
    params: Values
    slots: dict[str, Values]
    branches: Values


def largest_cells(x: Array, y: Array) -> Array:
    """Return which cells of x (N, H, W, C) are what max pooling over 2 x 2 took into y."""
    spread = y.repeat(2, axis=1).repeat(2, axis=2)
    return np.asarray(x == spread[:, : x.shape[1], : x.shape[2]])


class Dropped(NamedTuple):
    """The units of one sample that a layer drops, each with probability ``rate``."""

    shape: tuple[int, ...]
    rate: float


class Trainer(Protocol):
    """A model with an optimizer, stepped from any state. Parameters are named as refnet's."""

    def slots(self, params: Values) -> dict[str, Values]:
        """Return the optimizer's slots before the first step."""
        ...

    def step(
        self,
        params: Values,
        slots: dict[str, Values],
        done: int,
        x: Array,
        t: Array,
        masks: Values | None = None,
    ) -> Step:
        """Return one step from a state after ``done`` updates, on the batch x, t.

        ``masks`` says which units dropout keeps (1) and drops (0), by the layer's name, in the
        dtype of x; it is passed for models with dropout alone, and others need not take it.
        """
        ...

    def predict(self, params: Values, x: Array) -> Array:
        """Return the model's result for samples x."""
        ...


class Adapter:
    """An implementation under its name. Override what yours has.

    Attributes
    ----------
    name : str
        The name that reports use.
    dtypes : tuple of str
        The dtypes that it takes. bfloat16 arrays are those of the package ml_dtypes, which not
        everything does.
    """

    name = "unnamed"
    dtypes: tuple[str, ...] = ("float16", "float32", "float64")

    def versions(self) -> Mapping[str, str]:
        """Return the versions that the report's header shows, by package."""
        return {}

    def operations(self) -> Mapping[str, Functions]:
        """Return the operations, by refnet's names for them."""
        return {}

    def initializers(self) -> Mapping[str, Callable[..., Array]]:
        """Return the initializers: functions of (shape, dtype, seed, **options)."""
        return {}

    def optimizers(self) -> Mapping[str, Callable[..., list[Update]]]:
        """Return the optimizers: functions of (params, list of grads, **options).

        Each returns the parameters and slots after every update.
        """
        return {}

    def trainers(self) -> Mapping[str, Callable[..., Trainer]]:
        """Return the models: functions of (model options, optimizer name, optimizer options)."""
        return {}

    def has(self, name: str) -> bool:
        """Whether the adapter has an operation, initializer, optimizer or model of this name."""
        # One after the other: the first has most names, and the last takes longest to make.
        tables = (self.operations, self.initializers, self.optimizers, self.trainers)
        return any(name in table() for table in tables)

    def limitation(self, op: str, dtype: str) -> str | None:  # noqa: ARG002
        """Say why an operation is not available in ``dtype``, or return None if it is.

        By default it is where :attr:`dtypes` has it.
        """
        return None if dtype in self.dtypes else f"it takes {', '.join(self.dtypes)}"

    def accumulation(self, op: str, dtype: str) -> str:  # noqa: ARG002
        """Return the dtype that an operation rounds its intermediate results to.

        An implementation that is composed of float16 kernels rounds to float16 on the way, and its
        bound counts that; the default is that the half types accumulate in float32.
        """
        return accumulation_dtype(dtype)

    def run(
        self,
        op: str,
        inputs: Sequence[Array | None],
        options: Mapping[str, Any],
        cotangents: Sequence[Any] | None,
    ) -> Outcome:
        """Return the result of an operation and its VJP at each of ``cotangents``.

        Raises
        ------
        UnsupportedError
            If a function has no keyword for one of the options.
        AdapterError
            If a VJP does not return one cotangent per input.
        """
        forward, vjp = self.operations()[op]
        given = list(inputs)
        while given and given[-1] is None:
            given.pop()
        for function in (forward, vjp):
            _check_options(function, options)
        value = forward(*given, **options)
        y = tuple(map(np.asarray, value)) if isinstance(value, tuple) else np.asarray(value)
        if vjp is None or cotangents is None:
            return Outcome(y, None)
        left_out = (None,) * (len(inputs) - len(given))
        found = []
        for dy in cotangents:
            values = vjp(dy, *given, **options)
            if not isinstance(values, tuple | list) or len(values) != len(given):
                raise _not_one_per_input(op, values, len(given))
            found.append((*(None if v is None else np.asarray(v) for v in values), *left_out))
        return Outcome(y, found)


def _not_one_per_input(op: str, values: Any, n: int) -> AdapterError:
    what = f"{len(values)} values" if isinstance(values, tuple | list) else type(values).__name__
    return AdapterError(
        op,
        got=f"a VJP that returns {what}",
        needs=f"a tuple of {n}, one cotangent per input that it was passed (None for integers)",
        cause="Is a single cotangent returned without its tuple?",
    )


def _check_options(function: Callable[..., Any] | None, options: Mapping[str, Any]) -> None:
    if function is None or not options:
        return
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # a compiled function does not say
        return
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    missing = [name for name in options if name not in parameters]
    if missing:
        called = getattr(function, "__name__", "the function")
        raise UnsupportedError(f"{called} has no option {', '.join(missing)}")
