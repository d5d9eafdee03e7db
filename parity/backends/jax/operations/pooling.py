"""Pooling, by ``lax.reduce_window``."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family
from parity.backends.jax.modules import Modules
from parity.backends.windows import Axis, axes


def family(modules: Modules) -> Family:
    """Return pooling."""
    jnp, lax = modules.jax.numpy, modules.jax.lax

    def channels_last(pool: Any) -> Any:
        def pooled(x: Any, *, layout: str = "NHWC", **options: Any) -> Any:
            if layout == "NHWC":
                return pool(x, **options)
            return pool(x.transpose(0, 2, 3, 1), **options).transpose(0, 3, 1, 2)

        return pooled

    def padded(x: Any, both: list[Axis], value: float) -> Any:
        """Return x with its pads, and cells for the windows that reach beyond them."""
        pads = [(a.before, max(_beyond(a), a.after)) for a in both]
        return jnp.pad(x, ((0, 0), *pads, (0, 0)), constant_values=value)

    def reduced(x: Any, both: list[Axis], start: float, function: Any) -> Any:
        kernels, strides, dilations = ((1, *(a[i] for a in both), 1) for i in (1, 2, 3))
        y = lax.reduce_window(
            x, start, function, kernels, strides, "VALID", window_dilation=dilations
        )
        # Where pads are part of x a window may start in those after it.
        return y[:, : both[0].out, : both[1].out]

    def max_pool2d(
        x: Any,
        kernel: Any,
        stride: Any = None,
        padding: Any = "VALID",
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> Any:
        both = axes(x.shape[1:3], kernel, stride, padding, dilation, ceil_mode)
        wide = padded(x, both, -jnp.inf)
        if all(a.dilation == 1 for a in both):
            return reduced(wide, both, -jnp.inf, lax.max)
        # reduce_window has no derivative where windows are dilated: the largest of their cells,
        # one after the other, the first of equals.
        rows, columns = both
        cells = jnp.stack(
            [
                wide[:, _each(rows, i), _each(columns, j)]
                for i in range(rows.kernel)
                for j in range(columns.kernel)
            ]
        )
        return jnp.take_along_axis(cells, jnp.argmax(cells, 0)[None], 0)[0]

    def avg_pool2d(
        x: Any,
        kernel: Any,
        stride: Any = None,
        padding: Any = "VALID",
        dilation: Any = 1,
        ceil_mode: bool = False,
        count_include_pad: bool = False,
    ) -> Any:
        both = axes(x.shape[1:3], kernel, stride, padding, dilation, ceil_mode)
        counted = jnp.ones_like(x[:1, ..., :1])
        if count_include_pad:  # the pads, but not what windows reach beyond them
            pads = [(a.before, a.after) for a in both]
            counted = jnp.pad(counted, ((0, 0), *pads, (0, 0)), constant_values=1.0)
            more = [(0, max(_beyond(a) - a.after, 0)) for a in both]
            counted = jnp.pad(counted, ((0, 0), *more, (0, 0)))
        else:
            counted = padded(counted, both, 0.0)
        total = reduced(padded(x, both, 0.0), both, 0.0, lax.add)
        return total / reduced(counted, both, 0.0, lax.add)

    def global_avg_pool2d(x: Any, keepdims: bool = False) -> Any:
        return jnp.mean(x, (1, 2), keepdims=keepdims)

    def global_max_pool2d(x: Any, keepdims: bool = False) -> Any:
        # As one window, whose first cell of equals has the derivative; jnp.max shares it.
        y = max_pool2d(x, x.shape[1:3], 1)
        return y if keepdims else y[:, 0, 0]

    def whole(pool: Any) -> Any:
        def pooled(x: Any, layout: str = "NHWC", keepdims: bool = False) -> Any:
            spatial = (1, 2) if layout == "NHWC" else (2, 3)
            x = jnp.moveaxis(x, spatial, (1, 2))
            y = pool(x, keepdims)
            return jnp.moveaxis(y, (1, 2), spatial) if keepdims else y

        return pooled

    return Family(
        {
            "avg_pool2d": channels_last(avg_pool2d),
            "global_avg_pool2d": whole(global_avg_pool2d),
            "global_max_pool2d": whole(global_max_pool2d),
            "max_pool2d": channels_last(max_pool2d),
        },
        rounds_between=frozenset({"avg_pool2d", "max_pool2d"}),
    )


def _beyond(a: Axis) -> int:
    """Return by how many cells the windows reach beyond the input's end."""
    return (a.out - 1) * a.stride + a.span - a.size - a.before


def _each(a: Axis, i: int) -> slice:
    """Return where the i-th cells of all windows are."""
    first = i * a.dilation
    return slice(first, first + (a.out - 1) * a.stride + 1, a.stride)
