"""Recurrent networks, embedding and one_hot.

PyTorch's own cells and sequences where it has them, packed where samples have lengths; a reverse
direction is that of a bidirectional network, whose other direction has weights of its own. Peep-
holes, a reset before the product and empty sequences it has not: they are composed, step by step.

In the half types PyTorch rounds every intermediate result; over a recursion in bfloat16 the limit
of that is above the values themselves. Recurrent networks are computed in float32 here instead, and
rounded once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return recurrent networks, embedding and one_hot."""
    functional, rnn_utils = torch.nn.functional, torch.nn.utils.rnn

    def in_float32(function: Callable[..., Any]) -> Callable[..., Any]:
        def wide(*inputs: Any, **options: Any) -> Any:
            dtype = inputs[0].dtype
            if dtype not in (torch.float16, torch.bfloat16):
                return function(*inputs, **options)
            y = function(*(None if t is None else t.float() for t in inputs), **options)
            return tuple(v.to(dtype) for v in y) if isinstance(y, tuple) else y.to(dtype)

        return wide

    def blocks(w: Any, gates: str) -> dict[str, Any]:
        return dict(zip(gates, w.chunk(len(gates), -1), strict=True))

    def ordered(w: Any, gates: str, order: str) -> Any:
        """Return weights (.., k H) with their blocks in PyTorch's order."""
        return None if w is None else torch.cat([blocks(w, gates)[k] for k in order], -1)

    def cell(
        function: Any, x: Any, states: Any, weights: Sequence[Any], gates: str, order: str
    ) -> Any:
        w_x, w_h, b, b_h = (ordered(w, gates, order) for w in weights)
        if b is None and b_h is not None:
            b = torch.zeros_like(b_h)
        if b is not None and b_h is None:
            b_h = torch.zeros_like(b)
        return function(x, states, w_x.T, w_h.T, b, b_h)

    def own_sequence(
        function: Any,
        xs: Any,
        states: Sequence[Any],
        weights: Sequence[Any],
        gates: str,
        order: str,
        lengths: Any,
        reverse: bool,
    ) -> tuple[Any, ...]:
        w_x, w_h, b, b_h = (ordered(w, gates, order) for w in weights)
        params = [w_x.T, w_h.T]
        biased = b is not None or b_h is not None
        if biased:
            zeros = torch.zeros_like(w_x[0])
            params += [zeros if b is None else b, zeros if b_h is None else b_h]
        hx = [h[None] for h in states]
        if reverse:
            params = [p.detach() for p in params] + params
            hx = [torch.cat([h.detach(), h]) for h in hx]
        settings = (params, biased, 1, 0.0, True, reverse)
        if lengths is None:
            given = hx[0] if len(hx) == 1 else tuple(hx)
            hs, *last = function(xs, given, *settings, False)
        else:
            packed = rnn_utils.pack_padded_sequence(xs, lengths, enforce_sorted=False)
            hx = [h[:, packed.sorted_indices] for h in hx]
            given = hx[0] if len(hx) == 1 else tuple(hx)
            data, *last = function(packed.data, packed.batch_sizes, given, *settings)
            hs, _ = rnn_utils.pad_packed_sequence(
                packed._replace(data=data), total_length=xs.shape[0]
            )
            last = [h[:, packed.unsorted_indices] for h in last]
        if reverse:
            hs = hs[..., hs.shape[-1] // 2 :]
        return (hs, *(h[-1] for h in last))

    def composed_sequence(
        step: Callable[..., tuple[Any, ...]],
        xs: Any,
        states: Sequence[Any],
        w_x: Any,
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
            found[t] = torch.where(active, new[0], 0)
            states = [torch.where(active, a, b) for a, b in zip(new, states, strict=True)]
        empty = xs @ w_x[:, : states[0].shape[-1]]
        return (torch.stack([found[t] for t in range(n)]) if n else empty, *states)

    def has(xs: Any, lengths: Any) -> bool:
        return xs.numel() > 0 and (lengths is None or bool((lengths > 0).all()))

    def rnn_cell(x: Any, h: Any, w_x: Any, w_h: Any, b: Any, activation: str = "tanh") -> Any:
        function = getattr(torch, f"rnn_{activation}_cell")
        return cell(function, x, h, (w_x, w_h, b, None), "h", "h")

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
        if has(xs, lengths):
            function = getattr(torch, f"rnn_{activation}")
            weights = (w_x, w_h, b, None)
            return own_sequence(function, xs, [h0], weights, "h", "h", lengths, reverse)
        return composed_sequence(
            lambda x, h: (rnn_cell(x, h, w_x, w_h, b, activation),),
            xs,
            [h0],
            w_x,
            lengths,
            reverse,
        )

    def lstm_cell(
        x: Any, h: Any, c: Any, w_x: Any, w_h: Any, b: Any, p: Any = None, gates: str = "ifgo"
    ) -> tuple[Any, Any]:
        if p is None:
            found = cell(torch.lstm_cell, x, (h, c), (w_x, w_h, b, None), gates, "ifgo")
            return found[0], found[1]
        z = blocks(x @ w_x + h @ w_h + (0 if b is None else b), gates)
        peepholes = dict(zip(gates.replace("g", ""), p, strict=True))
        i, f = (torch.sigmoid(z[k] + peepholes[k] * c) for k in "if")
        c_next = f * c + i * torch.tanh(z["g"])
        o = torch.sigmoid(z["o"] + peepholes["o"] * c_next)
        return o * torch.tanh(c_next), c_next

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
        if p is None and has(xs, lengths):
            weights = (w_x, w_h, b, None)
            return own_sequence(torch.lstm, xs, [h0, c0], weights, gates, "ifgo", lengths, reverse)
        return composed_sequence(
            lambda x, h, c: lstm_cell(x, h, c, w_x, w_h, b, p, gates),
            xs,
            [h0, c0],
            w_x,
            lengths,
            reverse,
        )

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
        if reset_after:
            return cell(torch.gru_cell, x, h, (w_x, w_h, b, b_h), gates, "rzn")
        a = blocks(x @ w_x + (0 if b is None else b), gates)
        u = blocks(w_h, gates)
        v = blocks(w_h.new_zeros(w_h.shape[-1]) if b_h is None else b_h, gates)
        r, z = (torch.sigmoid(a[k] + h @ u[k] + v[k]) for k in "rz")
        n = torch.tanh(a["n"] + (r * h) @ u["n"] + v["n"])
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
        if reset_after and has(xs, lengths):
            weights = (w_x, w_h, b, b_h)
            return own_sequence(torch.gru, xs, [h0], weights, gates, "rzn", lengths, reverse)
        return composed_sequence(
            lambda x, h: (gru_cell(x, h, w_x, w_h, b, b_h, gates, reset_after),),
            xs,
            [h0],
            w_x,
            lengths,
            reverse,
        )

    def one_hot(labels: Any, classes: int, dtype: Any, axis: int = -1) -> Any:
        rows = functional.one_hot(labels, classes).to(getattr(torch, dtype.name))
        return rows.movedim(-1, axis)

    return Family(
        {
            "embedding": functional.embedding,
            "gru": in_float32(gru),
            "gru_cell": in_float32(gru_cell),
            "lstm": in_float32(lstm),
            "lstm_cell": in_float32(lstm_cell),
            "one_hot": one_hot,
            "rnn": in_float32(rnn),
            "rnn_cell": in_float32(rnn_cell),
        },
        rounds_between=frozenset({"embedding"}),
    )
