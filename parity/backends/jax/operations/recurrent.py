"""Recurrent networks, embedding and one_hot.

JAX has no recurrent networks: they are composed, each sequence by ``lax.scan``. The half types are
computed in float32 and rounded once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from parity.backends.family import Family
from parity.backends.jax.halves import in_float32
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return recurrent networks, embedding and one_hot."""
    jax = modules.jax
    jnp, lax, nn = jax.numpy, jax.lax, jax.nn

    def blocks(w: Any, gates: str) -> dict[str, Any]:
        return dict(zip(gates, jnp.split(w, len(gates), -1), strict=True))

    def affine(x: Any, w: Any, b: Any) -> Any:
        return x @ w if b is None else x @ w + b

    def sequence(
        step: Callable[..., tuple[Any, ...]],
        xs: Any,
        states: Sequence[Any],
        lengths: Any,
        reverse: bool,
    ) -> tuple[Any, ...]:
        def one(states: tuple[Any, ...], item: tuple[Any, Any]) -> tuple[tuple[Any, ...], Any]:
            x, t = item
            new = step(x, *states)
            if lengths is None:
                return new, new[0]
            active = (t < lengths)[:, None]
            kept = tuple(jnp.where(active, a, b) for a, b in zip(new, states, strict=True))
            return kept, jnp.where(active, new[0], 0)

        last, hs = lax.scan(one, tuple(states), (xs, jnp.arange(len(xs))), reverse=reverse)
        return (hs, *last)

    def rnn_cell(x: Any, h: Any, w_x: Any, w_h: Any, b: Any, activation: str = "tanh") -> Any:
        function = {"tanh": jnp.tanh, "relu": nn.relu}[activation]
        return function(affine(x, w_x, b) + h @ w_h)

    def rnn(
        xs: Any,
        h0: Any,
        w_x: Any,
        w_h: Any,
        b: Any = None,
        activation: str = "tanh",
        lengths: Any = None,
        reverse: bool = False,
    ) -> Any:
        def step(x: Any, h: Any) -> tuple[Any]:
            return (rnn_cell(x, h, w_x, w_h, b, activation),)

        return sequence(step, xs, [h0], lengths, reverse)

    def lstm_cell(
        x: Any, h: Any, c: Any, w_x: Any, w_h: Any, b: Any, p: Any = None, gates: str = "ifgo"
    ) -> tuple[Any, Any]:
        z = blocks(affine(x, w_x, b) + h @ w_h, gates)
        holes = {} if p is None else dict(zip(gates.replace("g", ""), p, strict=True))

        def gate(k: str, c: Any) -> Any:
            return nn.sigmoid(z[k] + holes[k] * c if holes else z[k])

        i, f = gate("i", c), gate("f", c)
        c_next = f * c + i * jnp.tanh(z["g"])
        o = gate("o", c_next)
        return o * jnp.tanh(c_next), c_next

    def lstm(
        xs: Any,
        h0: Any,
        c0: Any,
        w_x: Any,
        w_h: Any,
        b: Any = None,
        p: Any = None,
        gates: str = "ifgo",
        lengths: Any = None,
        reverse: bool = False,
    ) -> Any:
        def step(x: Any, h: Any, c: Any) -> tuple[Any, Any]:
            return lstm_cell(x, h, c, w_x, w_h, b, p, gates)

        return sequence(step, xs, [h0, c0], lengths, reverse)

    def gru_cell(
        x: Any,
        h: Any,
        w_x: Any,
        w_h: Any,
        b: Any = None,
        b_h: Any = None,
        gates: str = "rzn",
        reset_after: bool = True,
    ) -> Any:
        a, u = blocks(affine(x, w_x, b), gates), blocks(w_h, gates)
        v = dict.fromkeys(gates) if b_h is None else blocks(b_h, gates)
        r, z = (nn.sigmoid(a[k] + affine(h, u[k], v[k])) for k in "rz")
        if reset_after:
            n = jnp.tanh(a["n"] + r * affine(h, u["n"], v["n"]))
        else:
            n = jnp.tanh(a["n"] + affine(r * h, u["n"], v["n"]))
        return (1 - z) * n + z * h

    def gru(
        xs: Any,
        h0: Any,
        w_x: Any,
        w_h: Any,
        b: Any = None,
        b_h: Any = None,
        gates: str = "rzn",
        reset_after: bool = True,
        lengths: Any = None,
        reverse: bool = False,
    ) -> Any:
        def step(x: Any, h: Any) -> tuple[Any]:
            return (gru_cell(x, h, w_x, w_h, b, b_h, gates, reset_after),)

        return sequence(step, xs, [h0], lengths, reverse)

    def embedding(ids: Any, table: Any, padding_idx: int | None = None) -> Any:
        rows = jnp.take(table, ids, axis=0)
        if padding_idx is None:
            return rows
        return jnp.where((ids == padding_idx)[..., None], lax.stop_gradient(rows), rows)

    def one_hot(labels: Any, classes: int, dtype: Any, axis: int = -1) -> Any:
        return nn.one_hot(labels, classes, dtype=dtype, axis=axis)

    return Family(
        {
            "embedding": embedding,
            "gru": in_float32(modules, gru),
            "gru_cell": in_float32(modules, gru_cell),
            "lstm": in_float32(modules, lstm),
            "lstm_cell": in_float32(modules, lstm_cell),
            "one_hot": one_hot,
            "rnn": in_float32(modules, rnn),
            "rnn_cell": in_float32(modules, rnn_cell),
        },
        rounds_between=frozenset({"embedding"}),
    )
