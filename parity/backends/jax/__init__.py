"""The adapter of JAX and optax, on the CPU.

Each operation is JAX's own, or optax's, where they have one of that meaning, and composed of JAX's
primitives where they have not; its VJP is always ``jax.vjp``. An operation and its VJP are compiled
as one program (``jax.jit``), updates of optimizers run operation by operation.

Everything runs with 64-bit types enabled, at the highest precision of products and on the CPU, by
contexts of JAX's own that end with each call: a program that uses JAX beside parity keeps its
settings. XLA's CPU client has as many threads as the machine has processors, which JAX gives no way
to limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from parity.backends.base import Array, Outcome, Trainer, Update, Values
from parity.backends.framework import FrameworkAdapter
from parity.backends.jax import models as jax_models
from parity.backends.jax import operations as jax_operations
from parity.backends.jax.initializers import initializers
from parity.backends.jax.modules import Modules
from parity.backends.jax.optimizers import JaxOptimizer
from parity.backends.jax.trainer import JaxModel, JaxTrainer
from parity.backends.model import Model
from parity.backends.optimizer_options import DEFAULTS
from parity.floats import is_integer


class JaxAdapter(FrameworkAdapter):
    """JAX with optax. Importing them is left to the constructor, so that parity runs without."""

    name = "jax"

    def __init__(self) -> None:
        import jax
        import jax.scipy.special  # which jax does not import by itself
        import optax

        self.modules = Modules(jax, optax)
        # By model and options: a model compiles anew for every object that is made of it.
        self._compiled: dict[tuple[Callable[..., Model], str], JaxModel] = {}
        super().__init__(self.modules, jax_operations, jax_models)

    def versions(self) -> Mapping[str, str]:
        """Return the versions of JAX, of its compiler's library and of optax."""
        jax, optax = self.modules
        return {"jax": jax.__version__, "jaxlib": jax.lib.__version__, "optax": optax.__version__}

    @contextmanager
    def settings(self) -> Iterator[None]:
        """Hold JAX to the settings that everything is computed with."""
        jax = self.modules.jax
        # JAX 0.4 has it among what is experimental.
        wide = jax.enable_x64 if hasattr(jax, "enable_x64") else jax.experimental.enable_x64
        on_cpu = jax.default_device(jax.devices("cpu")[0])
        with wide(True), on_cpu, jax.default_matmul_precision("highest"):
            yield

    def run(
        self,
        op: str,
        inputs: Sequence[Array | None],
        options: Mapping[str, Any],
        cotangents: Sequence[Any] | None,
    ) -> Outcome:
        """Return the result of an operation and its VJP at each of ``cotangents``."""
        jax = self.modules.jax
        is_float = [a is not None and not is_integer(a) for a in inputs]
        fixed = {k: v for k, v in options.items() if not isinstance(v, np.ndarray)}

        def forward(floats: list[Any], others: list[Any], arrays: dict[str, Any]) -> Any:
            of_kind = {True: iter(floats), False: iter(others)}
            every = [next(of_kind[kind]) for kind in is_float]
            return self._operations[op](*every, **fixed, **arrays)

        def with_vjp(floats: list[Any], others: list[Any], arrays: Any, dy: Any) -> Any:
            y, vjp = jax.vjp(lambda values: forward(values, others, arrays), floats)
            return y, vjp(dy)[0]

        with self.settings():
            given = [None if a is None else self.tensor(a) for a in inputs]
            arguments = (
                [a for a, kind in zip(given, is_float, strict=True) if kind],
                [a for a, kind in zip(given, is_float, strict=True) if not kind],
                {k: self.tensor(v) for k, v in options.items() if k not in fixed},
            )
            if cotangents is None:
                return Outcome(self._results(jax.jit(forward)(*arguments)), None)
            program = jax.jit(with_vjp)
            y, found = None, []
            for dy in cotangents:
                several = isinstance(dy, tuple)
                dys = tuple(map(self.tensor, dy)) if several else self.tensor(dy)
                y, grads = program(*arguments, dys)
                by_leaf = map(self.array, grads)
                found.append(tuple(next(by_leaf) if kind else None for kind in is_float))
            return Outcome(self._results(y), found)

    def initializers(self) -> Mapping[str, Callable[..., Array]]:
        """Return the functions of jax.nn.initializers."""

        def drawn(made: Callable[..., Any]) -> Callable[..., Array]:
            def draw(shape: tuple[int, ...], dtype: str, seed: int, **options: Any) -> Array:
                with self.settings():
                    key = self.modules.jax.random.key(seed)
                    return self.array(made(**options)(key, shape, dtype))

            return draw

        return {name: drawn(made) for name, made in initializers(self.modules).items()}

    def optimizers(self) -> Mapping[str, Callable[..., list[Update]]]:
        """Return the optimizers: chains of optax's transformations."""
        return {name: partial(self._updates, name) for name in DEFAULTS}

    def _model(self, make: Callable[..., Model], options: Mapping[str, Any]) -> JaxModel:
        key = make, f"{sorted(options.items())}"
        if key not in self._compiled:
            self._compiled[key] = JaxModel(self.modules.jax, super()._model(make, options))
        return self._compiled[key]

    def _trainer(self, model: Any, optimizer: str, options: Mapping[str, Any]) -> Trainer:
        return JaxTrainer(self, model, optimizer, options)

    def tensor(self, a: Array) -> Any:
        """Return an array as one of JAX's, of its own memory."""
        return self.modules.jax.device_put(np.array(a, order="C", copy=True))

    def array(self, a: Any) -> Array:
        """Return one of JAX's arrays as an array of its own memory."""
        return np.array(a)

    def tensors(self, values: Values) -> dict[str, Any]:
        """Return arrays by name as JAX's."""
        return {name: self.tensor(a) for name, a in values.items()}

    def arrays(self, values: Mapping[str, Any]) -> Values:
        """Return JAX's arrays by name as arrays."""
        return {name: self.array(a) for name, a in values.items()}

    def tables(self, slots: Mapping[str, Mapping[str, Any]]) -> dict[str, Values]:
        """Return an optimizer's slots as arrays."""
        return {slot: self.arrays(values) for slot, values in slots.items()}

    def _results(self, y: Any) -> Array | tuple[Array, ...]:
        return tuple(map(self.array, y)) if isinstance(y, tuple) else self.array(y)

    def _updates(
        self, name: str, params: Values, grads: Sequence[Values], **options: Any
    ) -> list[Update]:
        with self.settings():
            opt = JaxOptimizer(self.modules, name, options)
            tensors: Mapping[str, Any] = self.tensors(params)
            slots, updates = opt.slots(tensors), []
            for done, g in enumerate(grads):
                tensors, slots, counted = opt.update(tensors, self.tensors(g), slots, done)
                ahead = opt.gradient_point(tensors, slots, done + 1)
                point = None if ahead is tensors else self.arrays(ahead)
                updates.append(Update(self.arrays(tensors), self.tables(slots), counted, point))
            return updates
