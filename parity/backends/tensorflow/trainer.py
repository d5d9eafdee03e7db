"""Training steps of a model under one of tf.compat.v1's optimizers, in a graph of TensorFlow 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from parity.backends.base import Array, Step, Values
from parity.backends.model import Branches, Model
from parity.backends.tensorflow.optimizers import Graph, Optimizer
from parity.backends.tensorflow.sessions import Running, Sessions, gradients


class TensorflowTrainer:
    """A model under an optimizer, stepped from any state.

    A graph is built for the shapes and dtypes of the first arrays, and kept for all that are alike.
    """

    def __init__(
        self, sessions: Sessions, model: Model, optimizer: str, options: Mapping[str, Any]
    ) -> None:
        self.sessions, self.model = sessions, model
        self.optimizer = Optimizer(sessions, optimizer, options)
        self.built: dict[Any, _Training] = {}
        self.predicting: dict[Any, _Predicting] = {}

    def slots(self, params: Values) -> dict[str, Values]:
        """Return the optimizer's slots before the first step."""
        return self.optimizer.started(params)

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
        masks = masks or {}
        key = _likeness({**params, "x": x, "t": t, **masks})
        if key not in self.built:
            self.built[key] = self._training(params, x, t, masks)
        graph = self.built[key]
        graph.part.set(graph.running, params, slots, done)
        fed = {graph.x: x, graph.t: t, **{graph.masks[name]: m for name, m in masks.items()}}
        fetched = (graph.loss, graph.grads, graph.branches.arrays(), graph.part.update)
        loss, grads, noted, _ = graph.running.run(fetched, {**fed, **graph.part.rate(done)})
        moved, after = graph.part.get(graph.running)
        return Step(np.asarray(loss), grads, moved, after, graph.branches.found(noted))

    def predict(self, params: Values, x: Array) -> Array:
        """Return the model's result for samples x."""
        key = _likeness({**params, "x": x})
        if key not in self.predicting:
            graph = self.sessions.tf.Graph()
            with graph.as_default():
                given = {name: self.sessions.placeholder(p) for name, p in params.items()}
                samples = self.sessions.placeholder(x)
                y = self.model.forward(given, samples, {}, Branches())
                result = self.model.result(y)
            running = self.sessions.open(graph)
            self.predicting[key] = _Predicting(running, given, samples, result)
        made = self.predicting[key]
        fed = {made.params[name]: p for name, p in params.items()}
        return np.asarray(made.running.run(made.result, {**fed, made.x: x}))

    def _training(self, params: Values, x: Array, t: Array, masks: Values) -> _Training:
        sessions, tf, branches = self.sessions, self.sessions.tf, Branches()
        graph = tf.Graph()
        with graph.as_default():
            part = self.optimizer.in_graph(sessions, params)
            points = {name: v.value() for name, v in part.variables.items()}
            given_x, given_t = sessions.placeholder(x), sessions.placeholder(t)
            given = {name: sessions.placeholder(m) for name, m in masks.items()}
            y = self.model.forward(points, given_x, given, branches)
            if self.model.scores:
                branches.classes(y)
            loss = self.model.loss(y, given_t, points)
            found = gradients(tf, [loss], [*points.values()], [tf.ones_like(loss)])
            grads = dict(zip(points, found, strict=True))
            part.apply(grads)
        return _Training(sessions.open(graph), part, given_x, given_t, given, loss, grads, branches)


class _Training(NamedTuple):
    """A graph of a training step, with what is fed to it and fetched."""

    running: Running
    part: Graph
    x: Any
    t: Any
    masks: Mapping[str, Any]
    loss: Any
    grads: Mapping[str, Any]
    branches: Branches


class _Predicting(NamedTuple):
    """A graph of a model's result, with what is fed to it."""

    running: Running
    params: Mapping[str, Any]
    x: Any
    result: Any


def _likeness(arrays: Mapping[str, Array]) -> Any:
    return tuple((name, a.dtype.name, a.shape) for name, a in arrays.items())
