"""The convolutions, all of them by ``lax.conv_general_dilated``."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return the convolutions."""
    jnp, convolve = modules.jax.numpy, modules.jax.lax.conv_general_dilated

    def added(y: Any, b: Any, layout: str) -> Any:
        if b is None:
            return y
        return y + (b if layout[-1] == "C" else b.reshape(-1, *(1,) * (y.ndim - 2)))

    def convolution(spatial: str) -> Any:
        def conv(
            x: Any,
            w: Any,
            b: Any = None,
            stride: Any = 1,
            padding: Any = "VALID",
            dilation: Any = 1,
            groups: int = 1,
            layout: str = f"N{spatial}C",
        ) -> Any:
            weights = f"{spatial}IO" if layout[-1] == "C" else f"OI{spatial}"
            y = convolve(
                x,
                w,
                window_strides=_each(stride, spatial),
                padding=padding if isinstance(padding, str) else _pads(padding, spatial),
                rhs_dilation=_each(dilation, spatial),
                dimension_numbers=(layout, weights, layout),
                feature_group_count=groups,
            )
            return added(y, b, layout)

        return conv

    def conv2d_transpose(
        x: Any,
        w: Any,
        b: Any = None,
        stride: Any = 1,
        padding: Any = "VALID",
        dilation: Any = 1,
        groups: int = 1,
        output_padding: Any = 0,
        layout: str = "NHWC",
    ) -> Any:
        # The convolution of x, its cells a stride apart, with the kernel turned about: outputs and
        # inputs change places, within each group. lax.conv_transpose has no groups.
        if layout == "NCHW":
            w = w.transpose(2, 3, 1, 0)
        *kernel, outputs, inputs = w.shape
        w = w.reshape(*kernel, outputs, groups, inputs // groups)
        w = w.transpose(0, 1, 4, 3, 2).reshape(*kernel, inputs // groups, groups * outputs)
        step, apart, extra = (_each(v, "HW") for v in (stride, dilation, output_padding))
        spans = [(k - 1) * d + 1 for k, d in zip(kernel, apart, strict=True)]
        if padding == "SAME":  # the result is as many cells wide as x has, times the stride
            totals = [max(span - s, 0) for span, s in zip(spans, step, strict=True)]
            cut = [(total // 2, total - total // 2) for total in totals]
            extra = tuple(max(s - span, 0) for span, s in zip(spans, step, strict=True))
        else:
            cut = _pads(0 if padding == "VALID" else padding, "HW")
        pads = [
            (span - 1 - before, span - 1 - after + more)
            for span, (before, after), more in zip(spans, cut, extra, strict=True)
        ]
        y = convolve(
            x,
            jnp.flip(w, (0, 1)),
            window_strides=(1, 1),
            padding=pads,
            lhs_dilation=step,
            rhs_dilation=apart,
            dimension_numbers=(layout, "HWIO", layout),
            feature_group_count=groups,
        )
        return added(y, b, layout)

    every = {
        "conv1d": convolution("W"),
        "conv2d": convolution("HW"),
        "conv2d_transpose": conv2d_transpose,
    }
    return Family(every, rounds_between=frozenset(every))


def _each(value: Any, spatial: str) -> tuple[int, ...]:
    return (value,) * len(spatial) if isinstance(value, int) else tuple(value)


def _pads(padding: Any, spatial: str) -> list[tuple[int, int]]:
    """Return the pads before and after each axis, of an int, a pair (one axis) or pairs."""
    if isinstance(padding, int):
        return [(padding, padding)] * len(spatial)
    if len(spatial) == 1:
        return [(padding[0], padding[1])]
    return [(p, p) if isinstance(p, int) else tuple(p) for p in padding]
