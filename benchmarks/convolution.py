"""Convolution in refnet, in PyTorch and in ONNX's reference evaluator, float32.

Every side has its natural layout: refnet NHWC, PyTorch and ONNX NCHW, contiguous. PyTorch's memory
format "channels last" is shown for information.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import refnet as rn
from benchmarks.side_by_side import Call, Comparison


class Convolution(NamedTuple):
    """A convolution, padding SAME: the shape of x (NHWC), kernel size, results and stride."""

    x: tuple[int, int, int, int]
    kernel: int
    channels: int
    stride: int

    @property
    def name(self) -> str:
        """The sizes in words."""
        step = f" stride {self.stride}" if self.stride > 1 else ""
        return f"{self.x} {self.kernel}x{self.kernel}x{self.channels}{step}".replace(", ", ",")


CONVOLUTIONS = (
    Convolution((64, 28, 28, 1), 5, 32, 1),
    Convolution((64, 14, 14, 32), 5, 64, 1),
    Convolution((32, 28, 28, 64), 3, 64, 1),
    Convolution((32, 28, 28, 64), 3, 128, 2),
)
FORWARD, BOTH = "conv2d forward", "conv2d forward + VJP"


def comparisons() -> list[Comparison]:
    """Return every convolution, forward and with its VJP, beside each of the others."""
    found = []
    for c in CONVOLUTIONS:
        rng = np.random.default_rng(1)
        x = rng.standard_normal(c.x).astype(np.float32)
        w = rng.standard_normal((c.kernel, c.kernel, c.x[3], c.channels)).astype(np.float32)
        b = rng.standard_normal(c.channels).astype(np.float32)
        forward, both, dy = _refnet(c, x, w, b)
        theirs, theirs_both = _torch(c, x, w, b, dy, last=False)
        last, last_both = _torch(c, x, w, b, dy, last=True)
        plain, onnx = "PyTorch, contiguous", "onnx.reference"
        for what, mine, beside, other, at_most in (
            (FORWARD, forward, plain, theirs, 1.5),
            (BOTH, both, plain, theirs_both, 1.4),
            (FORWARD, forward, onnx, _onnx(c, x, w, b), 0.5),
            (FORWARD, forward, "PyTorch, channels last", last, None),
            (BOTH, both, "PyTorch, channels last", last_both, None),
        ):
            group = f"{what}, beside {beside}"
            found.append(Comparison(f"{what} {c.name}", beside, mine, other, at_most, group))
    return found


def _refnet(c: Convolution, x: Any, w: Any, b: Any) -> tuple[Call, Call, Any]:
    """Return the convolution, the same with its VJP, and the cotangent that it pulls back."""
    shape: Any = rn.conv2d.shape(x.shape, w.shape, b.shape, stride=c.stride, padding="SAME")
    dy = np.random.default_rng(2).standard_normal(shape).astype(np.float32)

    def forward() -> Any:
        return rn.conv2d(x, w, b, stride=c.stride, padding="SAME")

    def both() -> Any:
        _, vjp = rn.conv2d.with_vjp(x, w, b, stride=c.stride, padding="SAME")
        return vjp(dy)

    return forward, both, dy


def _torch(c: Convolution, x: Any, w: Any, b: Any, dy: Any, last: bool) -> tuple[Call, Call]:
    import torch

    functional: Any = torch.nn.functional
    memory = torch.channels_last if last else torch.contiguous_format

    def tensor(a: Any, axes: tuple[int, ...]) -> Any:
        return torch.from_numpy(a).permute(axes).clone(memory_format=memory)

    tx, tw, tdy = tensor(x, (0, 3, 1, 2)), tensor(w, (3, 2, 0, 1)), tensor(dy, (0, 3, 1, 2))
    leaves = [t.requires_grad_() for t in (tx, tw, torch.from_numpy(b))]
    out = -(-c.x[1] // c.stride)
    total = max((out - 1) * c.stride + c.kernel - c.x[1], 0)
    before, after = total // 2, total - total // 2

    def convolve() -> Any:
        if before == after:
            return functional.conv2d(*leaves, stride=c.stride, padding=before)
        wide = functional.pad(leaves[0], (before, after, before, after))
        return functional.conv2d(wide, *leaves[1:], stride=c.stride)

    def forward() -> Any:
        with torch.no_grad():
            return convolve()

    return forward, lambda: torch.autograd.grad(convolve(), leaves, tdy)


def _onnx(c: Convolution, x: Any, w: Any, b: Any) -> Call:
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    node = helper.make_node(
        "Conv", ["x", "w", "b"], ["y"], strides=[c.stride] * 2, auto_pad="SAME_UPPER"
    )
    given = {
        "x": np.ascontiguousarray(x.transpose(0, 3, 1, 2)),
        "w": np.ascontiguousarray(w.transpose(3, 2, 0, 1)),
        "b": b,
    }
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, a.shape) for name, a in given.items()
    ]
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    model = helper.make_model(helper.make_graph([node], "convolution", inputs, [y]))
    evaluator = ReferenceEvaluator(model)
    return lambda: evaluator.run(None, given)
