"""A simple recurrent network over bits, a sigmoid at each, mean squared error."""

from __future__ import annotations

from typing import Any

from parity.backends.jax.modules import Modules
from parity.backends.model import Model


def model(modules: Modules, **_: Any) -> Model:
    """Return the adder: x (N, bits, 2) -> (N, bits)."""
    jax, losses = modules.jax, modules.optax.losses
    jnp = jax.numpy

    def forward(p: Any, x: Any, *_: Any) -> Any:
        def one(state: Any, step: Any) -> tuple[Any, Any]:
            state = jnp.tanh(jnp.concatenate([step, state], 1) @ p["rnn.w"] + p["rnn.b"])
            return state, jax.nn.sigmoid(state @ p["out.w"] + p["out.b"])

        start = jnp.zeros((len(x), len(p["rnn.b"])), x.dtype)
        _, bits = jax.lax.scan(one, start, x.swapaxes(0, 1))
        return bits[..., 0].T

    return Model(forward, lambda y, t, _: losses.squared_error(y, t).mean(), scores=False)
