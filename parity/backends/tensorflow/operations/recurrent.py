"""Recurrent networks, embedding and one_hot.

The cells that TensorFlow 1 had went into Keras; their formulas are composed here, step by step. In
the half types TensorFlow would round every intermediate result; over a recursion in bfloat16 the
limit of that is above the values themselves. Recurrent networks are computed in float32 here
instead, and rounded once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from parity.backends.family import Family
from parity.backends.tensorflow.halves import in_float32


def family(tf: Any) -> Family:
    """Return recurrent networks, embedding and one_hot."""

    def blocks(w: Any, gates: str) -> dict[str, Any]:
        return dict(zip(gates, tf.split(w, len(gates), axis=-1), strict=True))

    def sums(x: Any, w: Any, b: Any) -> Any:
        y = tf.matmul(x, w)
        return y if b is None else tf.nn.bias_add(y, b)

    def sequence(
        step: Callable[..., tuple[Any, ...]],
        xs: Any,
        states: Sequence[Any],
        lengths: Any,
        reverse: bool,
    ) -> tuple[Any, ...]:
        n = xs.shape[0]
        found = {}
        for t in reversed(range(n)) if reverse else range(n):
            new = step(xs[t], *states)
            if lengths is None:
                states, found[t] = new, new[0]
                continue
            active = (t < lengths)[:, None]
            found[t] = tf.where(active, new[0], tf.zeros_like(new[0]))
            states = [tf.where(active, a, b) for a, b in zip(new, states, strict=True)]
        empty = tf.zeros((0, *states[0].shape), xs.dtype)
        return (tf.stack([found[t] for t in range(n)]) if n else empty, *states)

    def rnn_cell(
        x: Any, h: Any, w_x: Any, w_h: Any, b: Any = None, activation: str = "tanh"
    ) -> Any:
        function = {"tanh": tf.tanh, "relu": tf.nn.relu}[activation]
        return function(sums(x, w_x, b) + tf.matmul(h, w_h))

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
        x: Any,
        h: Any,
        c: Any,
        w_x: Any,
        w_h: Any,
        b: Any = None,
        p: Any = None,
        gates: str = "ifgo",
    ) -> tuple[Any, Any]:
        z = blocks(sums(x, w_x, b) + tf.matmul(h, w_h), gates)
        if p is not None:
            peepholes = dict(zip(gates.replace("g", ""), tf.unstack(p), strict=True))
            z |= {k: z[k] + peepholes[k] * c for k in "if"}
        c_next = tf.sigmoid(z["f"]) * c + tf.sigmoid(z["i"]) * tf.tanh(z["g"])
        o = z["o"] if p is None else z["o"] + peepholes["o"] * c_next
        return tf.sigmoid(o) * tf.tanh(c_next), c_next

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
        a = blocks(sums(x, w_x, b), gates)
        u = blocks(w_h, gates)
        v = dict.fromkeys(gates) if b_h is None else blocks(b_h, gates)
        r, z = (tf.sigmoid(a[k] + sums(h, u[k], v[k])) for k in "rz")
        inner = r * sums(h, u["n"], v["n"]) if reset_after else sums(r * h, u["n"], v["n"])
        n = tf.tanh(a["n"] + inner)
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
        rows = tf.nn.embedding_lookup(table, ids)
        if padding_idx is None:
            return rows
        return tf.where(tf.equal(ids, padding_idx)[..., None], tf.stop_gradient(rows), rows)

    def one_hot(labels: Any, classes: int, dtype: Any, axis: int = -1) -> Any:
        # TensorFlow counts from the end in no other way than -1.
        axis = axis % (labels.ndim + 1)
        return tf.one_hot(labels, classes, axis=axis, dtype=tf.as_dtype(dtype.name))

    return Family(
        {
            "embedding": embedding,
            "gru": in_float32(tf, gru),
            "gru_cell": in_float32(tf, gru_cell),
            "lstm": in_float32(tf, lstm),
            "lstm_cell": in_float32(tf, lstm_cell),
            "one_hot": one_hot,
            "rnn": in_float32(tf, rnn),
            "rnn_cell": in_float32(tf, rnn_cell),
        },
        rounds_between=frozenset({"embedding"}),
    )
