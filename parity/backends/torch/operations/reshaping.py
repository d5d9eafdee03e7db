"""Reshape, transpose, pad, slice and tile."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family

_MODES = {"edge": "replicate", "reflect": "reflect"}


def family(torch: Any) -> Family:
    """Return the operations that move values."""
    functional = torch.nn.functional

    def transpose(x: Any, axes: Any = None) -> Any:
        return x.permute(tuple(range(x.ndim))[::-1] if axes is None else axes).contiguous()

    def pad(x: Any, pads: Any, mode: str = "constant", value: float = 0.0) -> Any:
        widths = [(pads, pads)] * x.ndim if isinstance(pads, int) else pads
        if mode == "constant" or not x.numel():
            # torch counts axes from the last.
            return functional.pad(x, [n for pair in reversed(widths) for n in pair], value=value)
        # torch's other modes take up to three axes: here one after the other, as rows of a batch.
        for axis, pair in enumerate(widths):
            if any(pair):
                last = x.movedim(axis, -1)
                rows = last.reshape(1, -1, last.shape[-1])
                padded = functional.pad(rows, pair, mode=_MODES[mode])
                x = padded.reshape(*last.shape[:-1], -1).movedim(-1, axis)
        return x.clone()

    def slices(x: Any, starts: Any, stops: Any, steps: Any = None) -> Any:
        steps = (None,) * len(starts) if steps is None else steps
        taken = []
        for axis, ends in enumerate(zip(starts, stops, steps, strict=True)):
            n = x.shape[axis]
            start, stop, step = slice(*ends).indices(n)
            if step < 0:  # torch has no steps backwards: forwards in what is turned around
                x = x.flip(axis)
                start, stop, step = n - 1 - start, n - 1 - stop, -step
            taken.append(slice(start, stop, step))
        return x[(*taken, ...)].clone()

    return Family(
        {
            "pad": pad,
            "reshape": lambda x, shape: x.reshape(shape).clone(),
            "slice": slices,
            "tile": lambda x, repeats: x.repeat(repeats),
            "transpose": transpose,
        },
        rounds_between=frozenset({"pad"}),
    )
