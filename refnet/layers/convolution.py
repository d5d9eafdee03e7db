"""Convolution layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.errors import OptionError, ShapeError
from refnet.geometry import Padding, pair
from refnet.initializers import Initializer
from refnet.initializers import from_spec as initializer_from_spec
from refnet.layers.operation import OperationLayer
from refnet.layouts import weights_in_layout
from refnet.op import Op
from refnet.ops.conv1d import conv1d
from refnet.ops.conv2d import conv2d
from refnet.ops.conv2d_transpose import conv2d_transpose

Size = int | tuple[int, int]


class _Convolution(OperationLayer):
    """What the convolution layers share: the weight's shape, and its place in a layout."""

    first: ClassVar[str]  # the layout whose channels come first
    transposed: ClassVar[bool] = False  # whether the weight is that of the adjoint

    def __init__(
        self,
        filters: int,
        kernel: tuple[int, ...],
        options: Mapping[str, Any],
        init: str | Initializer,
        bias_init: str | Initializer | None,
    ) -> None:
        name = type(self).__name__
        self.filters = checks.count(name, "filters", filters, low=1)
        self.kernel = kernel
        groups = checks.count(name, "groups", options["groups"], low=1)
        if self.filters % groups:
            raise OptionError(
                name,
                got=f"filters={self.filters} and groups={groups}",
                needs="filters as a multiple of groups",
                cause="Every group makes as many of the result's channels.",
            )
        bias = None if bias_init is None else initializer_from_spec(bias_init)
        super().__init__(options, {"w": initializer_from_spec(init), "b": bias})

    def __repr__(self) -> str:
        kernel = self.kernel[0] if len(set(self.kernel)) == 1 else self.kernel
        return self._called(str(self.filters), str(kernel))

    @property
    def _channels_first(self) -> bool:
        return bool(self.options["layout"] == self.first)

    def _weight_shape(self, shape: Shape) -> Shape:
        """Return the weight's shape with channels last."""
        if len(shape) != len(self.kernel) + 1:
            raise ShapeError(
                type(self).__name__,
                got=f"samples of shape {shape}",
                needs=f"samples with {len(self.kernel)} spatial axes and one of channels",
                cause="Is the channel axis missing? Add it with [..., np.newaxis].",
            )
        channels, groups = shape[0 if self._channels_first else -1], self.options["groups"]
        if self.transposed:
            return (*self.kernel, self.filters // groups, channels)
        return (*self.kernel, channels // groups, self.filters)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return those of w, in the layout's order, and b (filters,)."""
        w = self._weight_shape(shape)
        return {"w": (w[-1], w[-2], *w[:-2]) if self._channels_first else w, "b": (self.filters,)}

    def init(
        self, shape: Shape, rng: np.random.Generator, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return w and b; the values are those with channels last, whatever the layout."""
        self.output_shape(shape)
        shapes = {"w": self._weight_shape(shape), "b": (self.filters,)}
        drawn = self._drawn(shapes, rng, dtype, prefix)
        w = weights_in_layout(drawn[prefix + "w"], self.options["layout"])
        return {**drawn, prefix + "w": np.ascontiguousarray(w)}


class Conv2D(_Convolution):
    """Convolution of images, with parameters ``w`` (KH, KW, C/groups, filters) and ``b``.

    Parameters
    ----------
    filters : int
        Channels of the result, at least 1.
    kernel : int or pair of int
        Rows and columns of a window.
    stride, padding, dilation, groups, layout
        As :func:`refnet.conv2d` has them; ``groups`` equal to the channels is depthwise.
    init, bias_init : str or Initializer
        How w and b start; ``bias_init=None`` leaves the bias out.

    Raises
    ------
    OptionError
        If filters, kernel or groups are no integers of at least 1, groups does not divide filters,
        or a spec names no initializer.
    ArgumentError
        When called with params that lack its own.
    ShapeError
        If samples are not of shape (H, W, C), or a window does not fit.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.Conv2D(8, 3, padding="SAME", init="he_normal")
    >>> params = layer.init((28, 28, 1), np.random.default_rng(0))
    >>> {name: p.shape for name, p in params.items()}
    {'w': (3, 3, 1, 8), 'b': (8,)}
    >>> layer.output_shape((28, 28, 1))
    (28, 28, 8)
    """

    op: Op[Any, Any] = conv2d
    first = "NCHW"

    def __init__(
        self,
        filters: int,
        kernel: Size,
        *,
        stride: Size = 1,
        padding: Padding = "VALID",
        dilation: Size = 1,
        groups: int = 1,
        layout: str = "NHWC",
        init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer | None = "zeros",
    ) -> None:
        options = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
            "layout": layout,
        }
        super().__init__(filters, pair("Conv2D", "kernel", kernel), options, init, bias_init)


class Conv1D(_Convolution):
    """Convolution of sequences, with parameters ``w`` (K, C/groups, filters) and ``b``.

    Parameters
    ----------
    filters, kernel : int
        Channels of the result and the length of a window, each at least 1.
    stride, padding, dilation, groups, layout
        As :func:`refnet.conv1d` has them.
    init, bias_init : str or Initializer
        How w and b start; ``bias_init=None`` leaves the bias out.

    Raises
    ------
    OptionError
        If filters, kernel or groups are no integers of at least 1, groups does not divide filters,
        or a spec names no initializer.
    ArgumentError
        When called with params that lack its own.
    ShapeError
        If samples are not of shape (W, C), or a window does not fit.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.Conv1D(4, 3, stride=2, padding="SAME").output_shape((9, 2))
    (5, 4)
    """

    op: Op[Any, Any] = conv1d
    first = "NCW"

    def __init__(
        self,
        filters: int,
        kernel: int,
        *,
        stride: int = 1,
        padding: Any = "VALID",
        dilation: int = 1,
        groups: int = 1,
        layout: str = "NWC",
        init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer | None = "zeros",
    ) -> None:
        options = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
            "layout": layout,
        }
        size = checks.count("Conv1D", "kernel", kernel, low=1)
        super().__init__(filters, (size,), options, init, bias_init)


class Conv2DTranspose(_Convolution):
    """Transposed convolution, with parameters ``w`` (KH, KW, filters/groups, C) and ``b``.

    Parameters
    ----------
    filters : int
        Channels of the result, at least 1.
    kernel : int or pair of int
        Rows and columns of a window.
    stride, padding, dilation, groups, output_padding, layout
        As :func:`refnet.conv2d_transpose` has them.
    init, bias_init : str or Initializer
        How w and b start; ``bias_init=None`` leaves the bias out.

    Raises
    ------
    OptionError
        If filters, kernel or groups are no integers of at least 1, groups does not divide filters,
        or a spec names no initializer.
    ArgumentError
        When called with params that lack its own.
    ShapeError
        If samples are not of shape (H, W, C).

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.Conv2DTranspose(3, 4, stride=2, padding="SAME").output_shape((7, 7, 5))
    (14, 14, 3)
    """

    op: Op[Any, Any] = conv2d_transpose
    first = "NCHW"
    transposed = True

    def __init__(
        self,
        filters: int,
        kernel: Size,
        *,
        stride: Size = 1,
        padding: Padding = "VALID",
        dilation: Size = 1,
        groups: int = 1,
        output_padding: Size = 0,
        layout: str = "NHWC",
        init: str | Initializer = "glorot_uniform",
        bias_init: str | Initializer | None = "zeros",
    ) -> None:
        options = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
            "output_padding": output_padding,
            "layout": layout,
        }
        size = pair("Conv2DTranspose", "kernel", kernel)
        super().__init__(filters, size, options, init, bias_init)
