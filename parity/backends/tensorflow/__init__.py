"""The adapter of TensorFlow, on the CPU, in one thread, as graphs of TensorFlow 1.

Each operation is TensorFlow's own where it has one of that meaning, and composed from its
primitives where it has not; its VJP is always tf.gradients'. Graphs were chosen over eager
execution and tf.function: they alone leave subnormal numbers as they are (see
:mod:`parity.backends.tensorflow.sessions`).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import numpy as np

from parity.backends.base import Array, Outcome, Trainer, Update
from parity.backends.framework import FrameworkAdapter
from parity.backends.tensorflow import initializers
from parity.backends.tensorflow import models as tensorflow_models
from parity.backends.tensorflow import operations as tensorflow_operations
from parity.backends.tensorflow.optimizers import OPTIMIZERS, updates_of
from parity.backends.tensorflow.sessions import Sessions, gradients
from parity.backends.tensorflow.trainer import TensorflowTrainer

# Read once, at import. oneDNN's kernels, chosen by the CPU's features, round otherwise than
# TensorFlow's own; without the latter variable the import reports what it found.
_ENVIRONMENT = {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}


class TensorflowAdapter(FrameworkAdapter):
    """TensorFlow. Importing it is left to the constructor, so that parity runs without it."""

    name = "tensorflow"

    def __init__(self) -> None:
        with _environment(_ENVIRONMENT), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecations within TensorFlow
            import tensorflow

        self.tf: Any = tensorflow
        self.tf.get_logger().setLevel("ERROR")
        threading = self.tf.config.threading
        with suppress(RuntimeError):  # somebody has started it already
            threading.set_intra_op_parallelism_threads(1)
            threading.set_inter_op_parallelism_threads(1)
        self.sessions = Sessions(self.tf)
        super().__init__(self.tf, tensorflow_operations, tensorflow_models)

    def versions(self) -> Mapping[str, str]:
        """Return TensorFlow's version."""
        return {"tensorflow": str(self.tf.__version__)}

    def run(
        self,
        op: str,
        inputs: Sequence[Array | None],
        options: Mapping[str, Any],
        cotangents: Sequence[Any] | None,
    ) -> Outcome:
        """Return the result of an operation and its VJP at each of ``cotangents``."""
        tf = self.tf
        graph = tf.Graph()
        with graph.as_default():
            given = [None if a is None else self.sessions.placeholder(a) for a in inputs]
            converted = {
                k: tf.constant(v) if isinstance(v, np.ndarray) else v for k, v in options.items()
            }
            y = self._operations[op](*given, **converted)
            several = isinstance(y, tuple)
            ys = [tf.identity(t) for t in (y if several else (y,))]
            floats = [t for t in given if t is not None and t.dtype.is_floating]
            dys = [tf.compat.v1.placeholder(t.dtype, t.shape) for t in ys]
            grads = gradients(tf, ys, floats, dys) if cotangents else []
        fed = {t: a for t, a in zip(given, inputs, strict=True) if a is not None}
        with self.sessions.open(graph) as session:
            values = tuple(session.run(ys, fed))
            outcome = Outcome(values if several else values[0], None)
            if cotangents is None:
                return outcome
            found = []
            for dy in cotangents:
                each = zip(dys, dy if several else (dy,), strict=True)
                by_float = iter(session.run(grads, {**fed, **dict(each)}))
                found.append(
                    tuple(
                        next(by_float) if t is not None and t.dtype.is_floating else None
                        for t in given
                    )
                )
        return outcome._replace(cotangents=found)

    def initializers(self) -> Mapping[str, Callable[..., Array]]:
        """Return the initializers of tf.compat.v1."""

        def drawn(make: Callable[..., Any]) -> Callable[..., Array]:
            def draw(shape: tuple[int, ...], dtype: str, seed: int, **options: Any) -> Array:
                graph = self.tf.Graph()
                with graph.as_default():
                    sample = make(shape, dtype, seed, **options)
                with self.sessions.open(graph) as session:
                    return np.asarray(session.run(sample))

            return draw

        return {name: drawn(make) for name, make in initializers.table(self.tf).items()}

    def optimizers(self) -> Mapping[str, Callable[..., list[Update]]]:
        """Return the optimizers of tf.compat.v1.train."""
        return {name: partial(updates_of, self.sessions, name) for name in OPTIMIZERS}

    def _trainer(self, model: Any, optimizer: str, options: Mapping[str, Any]) -> Trainer:
        return TensorflowTrainer(self.sessions, model, optimizer, options)


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables that nobody has set, for as long as the context lasts."""
    ours = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]
