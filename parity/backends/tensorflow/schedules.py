"""Learning-rate schedules: the decays of tf.compat.v1.train, computed in float64.

Its cosine_decay knows float32 alone, and is composed of tf.cos.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from parity.backends.tensorflow.sessions import Running, Sessions
from parity.errors import UnsupportedError
from refnet.specs import from_spec

Rate = Callable[[int], float]


class Decayed:
    """The rate that a decay gives at the global step, in a graph of its own."""

    def __init__(self, sessions: Sessions, lr: float, decay: Callable[[Any, Any], Any]) -> None:
        tf = sessions.tf
        graph = tf.Graph()
        with graph.as_default():
            self.step = tf.compat.v1.placeholder(tf.int64, ())
            value = decay(tf.constant(lr, tf.float64), self.step)
            # The decays return a function of no arguments while eager execution is on.
            self.value = value() if callable(value) else value
        self.running: Running = sessions.open(graph)

    def __call__(self, done: int) -> float:
        """Return the rate of the update that comes after ``done`` others."""
        return float(self.running.run(self.value, {self.step: np.array(done, np.int64)}))


def rate(sessions: Sessions, lr: Any) -> Rate:
    """Return the rate of each update for a number or a spec such as "cosine(lr=0.1, steps=9)"."""
    if isinstance(lr, str):
        return from_spec("schedule", lr, _factories(sessions))
    if isinstance(lr, int | float):
        return lambda _: float(lr)
    raise UnsupportedError(f"tensorflow is handed schedules as specs, not as a {type(lr).__name__}")


def _factories(sessions: Sessions) -> Mapping[str, Callable[..., Rate]]:
    tf = sessions.tf
    train = tf.compat.v1.train

    def decayed(lr: float, decay: Callable[[Any, Any, Any], Any], number: float) -> Rate:
        # As a tensor: of Python's numbers the decays make float32.
        return Decayed(
            sessions, lr, lambda start, step: decay(start, step, tf.constant(number, tf.float64))
        )

    def constant(lr: float) -> Rate:
        return lambda _: float(lr)

    def step_decay(lr: float, every: int, factor: float = 0.1) -> Rate:
        def decay(start: Any, step: Any, by: Any) -> Any:
            return train.exponential_decay(start, step, every, by, staircase=True)

        return decayed(lr, decay, factor)

    def exponential(lr: float, factor: float) -> Rate:
        def decay(start: Any, step: Any, by: Any) -> Any:
            return train.exponential_decay(start, step, 1, by)

        return decayed(lr, decay, factor)

    def cosine(lr: float, steps: int, floor: float = 0.0) -> Rate:
        def decay(start: Any, step: Any, low: Any) -> Any:
            share = tf.cast(tf.minimum(step, steps), tf.float64) / steps
            return low + (start - low) * (1 + tf.cos(math.pi * share)) / 2

        return decayed(lr, decay, floor)

    def warm_up(lr: float, steps: int, start: float = 0.0, then: Any = None) -> Rate:
        def rise(low: Any, step: Any, high: Any) -> Any:
            return train.polynomial_decay(low, step, steps, high)

        rising = decayed(start, rise, lr)
        after = None if then is None else rate(sessions, then)
        return lambda done: rising(done) if after is None or done < steps else after(done - steps)

    def time_decay(lr: float, decay: float) -> Rate:
        def fall(start: Any, step: Any, by: Any) -> Any:
            return train.inverse_time_decay(start, step, 1, by)

        return decayed(lr, fall, decay)

    return {
        "constant": constant,
        "step_decay": step_decay,
        "exponential": exponential,
        "cosine": cosine,
        "warm_up": warm_up,
        "time_decay": time_decay,
    }
