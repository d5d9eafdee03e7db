"""Reshape, transpose and pad."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(tf: Any) -> Family:
    """Return the operations that move values."""

    def transpose(x: Any, axes: Any = None) -> Any:
        return tf.transpose(x, None if axes is None else [i % len(axes) for i in axes])

    def pad(x: Any, pads: Any, mode: str = "constant", value: float = 0.0) -> Any:
        widths = [(pads, pads)] * x.ndim if isinstance(pads, int) else pads
        if not widths:
            return tf.identity(x)
        if mode == "constant" or not x.shape.num_elements():
            return tf.pad(x, widths, constant_values=value)
        if mode == "reflect":
            return tf.pad(x, widths, "REFLECT")
        # tf.pad repeats no edge but by reflection: here the cells are gathered axis by axis.
        for axis, (before, after) in enumerate(widths):
            size = x.shape[axis]
            if before or after:
                cells = [min(max(i, 0), size - 1) for i in range(-before, size + after)]
                x = tf.gather(x, cells, axis=axis)
        return tf.identity(x)

    def slices(x: Any, starts: Any, stops: Any, steps: Any = None) -> Any:
        every = (None,) * len(starts) if steps is None else steps
        parts = tuple(slice(*each) for each in zip(starts, stops, every, strict=True))
        return x[parts] if parts else tf.identity(x)

    def tile(x: Any, repeats: Any) -> Any:
        return tf.tile(x, [repeats] if isinstance(repeats, int) else repeats) if x.ndim else x

    return Family(
        {
            "pad": pad,
            "reshape": lambda x, shape: tf.reshape(x, [shape] if isinstance(shape, int) else shape),
            "slice": slices,
            "tile": tile,
            "transpose": transpose,
        },
        rounds_between=frozenset({"pad", "tile"}),
    )
