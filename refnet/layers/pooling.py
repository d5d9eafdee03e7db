"""Pooling layers."""

from __future__ import annotations

from typing import Any

from refnet.geometry import Padding
from refnet.layers.operation import OperationLayer
from refnet.op import Op
from refnet.ops.pooling import avg_pool2d, global_avg_pool2d, global_max_pool2d, max_pool2d

Size = int | tuple[int, int]


class _Pooling(OperationLayer):
    """What the pooling layers share: they are their operation, without parameters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(options, {})

    def __repr__(self) -> str:
        return self._called()


class MaxPool2D(_Pooling):
    """The maximum of each window of images, as :func:`refnet.max_pool2d` has it.

    Parameters
    ----------
    kernel : int or pair of int
        Rows and columns of a window.
    stride : int or pair of int, optional
        The kernel by default.
    padding, dilation, ceil_mode, layout
        As the operation has them.

    Raises
    ------
    ShapeError, OptionError
        When called, as the operation has it.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.MaxPool2D(2).output_shape((28, 28, 3))
    (14, 14, 3)
    """

    op: Op[Any, Any] = max_pool2d

    def __init__(
        self,
        kernel: Size,
        *,
        stride: Size | None = None,
        padding: Padding = "VALID",
        dilation: Size = 1,
        ceil_mode: bool = False,
        layout: str = "NHWC",
    ) -> None:
        super().__init__(
            kernel=kernel,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
            layout=layout,
        )


class AvgPool2D(_Pooling):
    """The mean of each window of images, as :func:`refnet.avg_pool2d` has it.

    Parameters
    ----------
    kernel : int or pair of int
        Rows and columns of a window.
    stride : int or pair of int, optional
        The kernel by default.
    padding, dilation, ceil_mode, count_include_pad, layout
        As the operation has them.

    Raises
    ------
    ShapeError, OptionError
        When called, as the operation has it.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.AvgPool2D(3, stride=2, padding="SAME").output_shape((7, 7, 3))
    (4, 4, 3)
    """

    op: Op[Any, Any] = avg_pool2d

    def __init__(
        self,
        kernel: Size,
        *,
        stride: Size | None = None,
        padding: Padding = "VALID",
        dilation: Size = 1,
        ceil_mode: bool = False,
        count_include_pad: bool = False,
        layout: str = "NHWC",
    ) -> None:
        super().__init__(
            kernel=kernel,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            layout=layout,
        )


class GlobalMaxPool2D(_Pooling):
    """The maximum of each channel, as :func:`refnet.global_max_pool2d` has it.

    Parameters
    ----------
    layout, keepdims
        As the operation has them.

    Raises
    ------
    ShapeError, OptionError
        When called, as the operation has it.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.GlobalMaxPool2D().output_shape((7, 7, 3))
    (3,)
    """

    op: Op[Any, Any] = global_max_pool2d

    def __init__(self, *, layout: str = "NHWC", keepdims: bool = False) -> None:
        super().__init__(layout=layout, keepdims=keepdims)


class GlobalAvgPool2D(_Pooling):
    """The mean of each channel, as :func:`refnet.global_avg_pool2d` has it.

    Parameters
    ----------
    layout, keepdims
        As the operation has them.

    Raises
    ------
    ShapeError, OptionError
        When called, as the operation has it.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.GlobalAvgPool2D(keepdims=True).output_shape((7, 7, 3))
    (1, 1, 3)
    """

    op: Op[Any, Any] = global_avg_pool2d

    def __init__(self, *, layout: str = "NHWC", keepdims: bool = False) -> None:
        super().__init__(layout=layout, keepdims=keepdims)
