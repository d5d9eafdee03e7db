"""The adapter of refnet: the default subject, and the oracle in higher precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np

import refnet as rn
from parity.backends.base import (
    Adapter,
    Array,
    Dropped,
    Functions,
    Outcome,
    Step,
    Trainer,
    Update,
    Values,
    largest_cells,
)
from parity.backends.refnet_models import MODELS, Model
from parity.case import DTYPES

_OPS = rn.ops()
_FUNCTIONS = {name: Functions(op, op.vjp) for name, op in _OPS.items()}


class RefnetAdapter(Adapter):
    """refnet itself."""

    name = "refnet"
    dtypes = DTYPES

    def versions(self) -> Mapping[str, str]:
        """Return the versions of refnet and NumPy."""
        return {"refnet": rn.__version__, "numpy": np.__version__}

    def operations(self) -> Mapping[str, Functions]:
        """Return every operation of ``rn.ops()``."""
        return _FUNCTIONS

    @staticmethod
    def parameter_shapes(
        name: str, model: Mapping[str, Any], sample: tuple[int, ...]
    ) -> dict[str, tuple[int, ...]]:
        """Return the shapes of a model's parameters for samples of a shape, by name, in order."""
        return MODELS[name](**model).parameter_shapes(sample)

    @staticmethod
    def dropped(name: str, model: Mapping[str, Any], sample: tuple[int, ...]) -> dict[str, Dropped]:
        """Return what each layer with dropout drops of a sample of a shape, by its name."""
        return MODELS[name](**model).dropped(sample)

    @staticmethod
    def signature(op: str, n: int) -> tuple[tuple[str, ...], Mapping[str, Any]]:
        """Return the names of an operation's inputs, n of them given, and its options' defaults."""
        return _OPS[op].names(n), _OPS[op].options

    def run(
        self,
        op: str,
        inputs: Sequence[Array | None],
        options: Mapping[str, Any],
        cotangents: Sequence[Any] | None,
    ) -> Outcome:
        """Return the result of an operation and its VJP at each of ``cotangents``."""
        y = _OPS[op](*inputs, **options)
        return Outcome(y, None if cotangents is None else self.vjp(op, cotangents, inputs, options))

    @staticmethod
    def vjp(
        op: str,
        cotangents: Sequence[Any],
        inputs: Sequence[Array | None],
        options: Mapping[str, Any],
    ) -> list[tuple[Array | None, ...]]:
        """Return an operation's VJP at each of ``cotangents``."""
        vjp = _OPS[op].vjp
        return [vjp(dy, *inputs, **options) for dy in cotangents]

    def initializers(self) -> Mapping[str, Callable[..., Array]]:
        """Return every initializer, drawing from NumPy's default generator."""

        def drawn(name: str) -> Callable[..., Array]:
            def draw(shape: tuple[int, ...], dtype: str, seed: int, **options: Any) -> Array:
                init = getattr(rn.initializers, name)(**options)
                return np.asarray(init(shape, np.random.default_rng(seed), dtype))

            return draw

        names = [n for n in rn.initializers.__all__ if n not in ("Initializer", "from_spec")]
        return {name: drawn(name) for name in names}

    def optimizers(self) -> Mapping[str, Callable[..., list[Update]]]:
        """Return every optimizer and preset, by the names that specs have."""
        return {name: partial(_updates, name) for name in OPTIMIZERS}

    @staticmethod
    def optimizer_fields(name: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the class that an optimizer is of, and all its fields, defaults included."""
        opt = _optimizer(name, options)
        return type(opt).__name__, {f.name: getattr(opt, f.name) for f in fields(opt)}

    @staticmethod
    def update(
        name: str,
        options: Mapping[str, Any],
        params: Values,
        slots: Mapping[str, Values],
        done: int,
        grads: Values,
    ) -> Update:
        """Return an optimizer's update of a state after ``done`` updates."""
        opt = _optimizer(name, options)
        state = opt.init(params)._replace(step=done, **slots)
        moved, after = opt.update(params, grads, state)
        return Update(dict(moved), _slots(after), after.step)

    def trainers(self) -> Mapping[str, Callable[..., Trainer]]:
        """Return every model."""

        def trained(name: str) -> Callable[..., Trainer]:
            def make(
                model: Mapping[str, Any], optimizer: str, options: Mapping[str, Any]
            ) -> RefnetTrainer:
                return RefnetTrainer(MODELS[name](**model), _optimizer(optimizer, options))

            return make

        return {name: trained(name) for name in MODELS}


class RefnetTrainer:
    """One of refnet's models under an optimizer, stepped from any state and in any dtype."""

    def __init__(self, model: Model, optimizer: rn.optimizers.Optimizer) -> None:
        self.model, self.optimizer = model, optimizer

    def with_optimizer(self, optimizer: rn.optimizers.Optimizer) -> RefnetTrainer:
        """Return a trainer of the same model under another optimizer."""
        return RefnetTrainer(self.model, optimizer)

    def slots(self, params: Values) -> dict[str, Values]:
        """Return the optimizer's slots before the first step."""
        return _slots(self.optimizer.init(params))

    def step(
        self,
        params: Values,
        slots: dict[str, Values],
        done: int,
        x: Array,
        t: Array,
        masks: Values | None = None,
    ) -> Step:
        """Return one step from a state after ``done`` updates, on the batch x, t."""
        opt = self.optimizer
        state = opt.init(params)._replace(step=done, **slots)
        recorder = Recorder(self.model)
        with rn.intercepted(recorder):
            point = dict(opt.gradient_point(params, state))
            loss, grads = self.model.loss_and_grads(point, x, t, masks)
        moved, after = opt.update(params, grads, state)
        return Step(loss, grads, moved, _slots(after), recorder.branches)

    def predict(self, params: Values, x: Array) -> Array:
        """Return the model's result for samples x."""
        return self.model.predict(params, x)


class Recorder:
    """Notes, up to the loss, the decisions that a forward pass takes.

    Those are the active units of each ReLU, the largest cells of each pooling and, where there are
    scores, the class of each sample.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.branches: Values = {}
        self._last: Array | None = None
        self._over = False

    def __call__(self, name: str, result: Array) -> Array:
        """Look at the result of an operation and return it."""
        if self._over:
            return result
        last = self._last
        if name == "relu":
            self.branches[f"relu {len(self.branches)}"] = result > 0
        elif name == "max_pool2d" and last is not None:
            self.branches[f"pool {len(self.branches)}"] = largest_cells(last, result)
        elif name == self.model.loss_op:
            self._over = True
            if self.model.scores and last is not None:
                self.branches["class"] = last.argmax(axis=-1)
        self._last = result
        return result


OPTIMIZERS: Mapping[str, Callable[..., Any]] = {
    name.lower(): made
    for name in rn.optimizers.__all__
    if hasattr(made := getattr(rn.optimizers, name), "like")  # a class of optimizers, or a preset
}


def _optimizer(name: str, options: Mapping[str, Any]) -> Any:
    return OPTIMIZERS[name](**options)


def _slots(state: Any) -> dict[str, Values]:
    """Return a state's slots by name, without its step counter and without empty slots."""
    return {k: dict(v) for k, v in state._asdict().items() if k != "step" and v}


def _updates(name: str, params: Values, grads: Sequence[Values], **options: Any) -> list[Update]:
    opt = _optimizer(name, options)
    state = opt.init(params)
    updates = []
    current: Mapping[str, Array] = params
    for g in grads:
        current, state = opt.update(current, g, state)
        ahead = opt.gradient_point(current, state)
        point = None if ahead is current else dict(ahead)
        updates.append(Update(dict(current), _slots(state), state.step, point))
    return updates
