"""Convolution in refnet, in PyTorch and in ONNX's reference evaluator, float32.

``python -m benchmarks.convolution`` measures with one thread. Every side has its natural layout:
refnet NHWC, PyTorch and ONNX NCHW, contiguous. PyTorch's memory format "channels last" is shown
for information.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import timeit
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from tabulate import tabulate

import refnet as rn

Side = Callable[[], Any]


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
# Geometric means of the ratios of refnet's time to another's that the project promises.
AT_MOST = {
    ("forward", "PyTorch"): 1.5,
    ("forward + VJP", "PyTorch"): 1.4,
    ("forward", "onnx.reference"): 0.5,
}


class Timing(NamedTuple):
    """Medians over the repetitions of seconds per call, and of the ratios of each pair."""

    convolution: str
    what: str
    other: str
    refnet: float
    seconds: float
    ratio: float


def sides(c: Convolution) -> dict[tuple[str, str], Side]:
    """Return functions of no arguments, by what they compute and who does."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal(c.x).astype(np.float32)
    w = rng.standard_normal((c.kernel, c.kernel, c.x[3], c.channels)).astype(np.float32)
    b = rng.standard_normal(c.channels).astype(np.float32)
    dy = rng.standard_normal(rn.conv2d(x, w, b, stride=c.stride, padding="SAME").shape)
    dy = dy.astype(np.float32)

    def forward() -> Any:
        return rn.conv2d(x, w, b, stride=c.stride, padding="SAME")

    def both() -> Any:
        _, vjp = rn.conv2d.with_vjp(x, w, b, stride=c.stride, padding="SAME")
        return vjp(dy)

    found: dict[tuple[str, str], Side] = {
        ("forward", "refnet"): forward,
        ("forward + VJP", "refnet"): both,
        ("forward", "onnx.reference"): _onnx(c, x, w, b),
    }
    for name, last in (("PyTorch", False), ("PyTorch, channels last", True)):
        found[("forward", name)], found[("forward + VJP", name)] = _torch(c, x, w, b, dy, last)
    return found


def _torch(c: Convolution, x: Any, w: Any, b: Any, dy: Any, last: bool) -> tuple[Side, Side]:
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


def _onnx(c: Convolution, x: Any, w: Any, b: Any) -> Side:
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


def measure(c: Convolution, repetitions: int = 9, seconds: float = 0.05) -> list[Timing]:
    """Time all sides in turn, so that they see the same machine; ratios are of each round."""
    every = sides(c)
    counts = {}
    for key, side in every.items():
        side()
        once = timeit.timeit(side, number=1)
        counts[key] = max(1, round(seconds / once))
    rounds = [
        {key: timeit.timeit(side, number=counts[key]) / counts[key] for key, side in every.items()}
        for _ in range(repetitions)
    ]
    timings = []
    for what, other in every:
        if other != "refnet":
            mine, theirs = [r[what, "refnet"] for r in rounds], [r[what, other] for r in rounds]
            ratios = [m / t for m, t in zip(mine, theirs, strict=True)]
            middles = map(statistics.median, (mine, theirs, ratios))
            timings.append(Timing(c.name, what, other, *middles))
    return timings


def table(timings: Sequence[Timing]) -> list[list[str]]:
    """Return rows of text: every timing, and the geometric mean of each kind with its promise."""
    rows = []
    kinds = sorted({(t.what, t.other) for t in timings})
    for what, other in kinds:
        of_kind = [t for t in timings if (t.what, t.other) == (what, other)]
        for t in of_kind:
            times = [f"{1e3 * t.refnet:.2f} ms", f"{1e3 * t.seconds:.2f} ms"]
            rows.append([t.convolution, what, other, *times, f"{t.ratio:.2f}", ""])
        mean = math.prod(t.ratio for t in of_kind) ** (1 / len(of_kind))
        promised = AT_MOST.get((what, other))
        limit = "" if promised is None else f"{promised:.2f}"
        rows.append(["geometric mean", what, other, "", "", f"{mean:.2f}", limit])
    return rows


HEADERS = ["convolution, SAME", "", "beside", "refnet", "other", "ratio", "at most"]


def rows() -> list[list[str]]:
    """Measure every convolution in this process, whose environment has pinned its threads."""
    import torch

    torch.set_num_threads(1)
    return table([t for c in CONVOLUTIONS for t in measure(c)])


def main() -> None:
    """Measure in a process of its own with one thread, and print the table."""
    variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    pinned = {**os.environ, **dict.fromkeys(variables, "1")}
    command = [sys.executable, "-m", "benchmarks.convolution", "--measure"]
    done = subprocess.run(command, env=pinned, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout)
    print(tabulate(found, headers=HEADERS, tablefmt="github", disable_numparse=True))
    print("\nMedians of 9 alternating repetitions; the ratio is the median of the rounds' ratios.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(rows()))
    else:
        main()
