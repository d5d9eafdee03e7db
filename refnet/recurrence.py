"""What the recurrent operations share: their checks, lengths, and the walk over the steps.

Sequences are time first, (T, N, C). A walk visits every step once, forwards or backwards; where a
sample's sequence is shorter than T, its state is carried over the steps beyond its end, whose
inputs are not looked at. A backward walk thus starts at each sample's own end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array, Shape, by_rows
from refnet.errors import DomainError, DtypeError, OptionError, ShapeError
from refnet.op import intermediate
from refnet.ops.sigmoid import sigmoid_of


class Walk(NamedTuple):
    """The order of the steps, and where states lie in an array (T + 1, ...) of them.

    Step t leads from ``states[t + before]`` to ``states[t + after]``. The walk starts at
    ``states[first]`` and ends at ``states[last]``. ``active`` (T, N, 1) says which samples have a
    step t, and is None where all have every step.
    """

    order: range
    before: int
    after: int
    first: int
    last: int
    active: Array | None

    def inputs(self, xs: Array) -> Array:
        """Return ``xs``, with zeros for what is beyond the ends."""
        return xs if self.active is None else np.where(self.active, xs, 0)

    def previous(self, states: Array) -> Array:
        """Return the state before each step, (T, N, H), with zeros beyond the ends."""
        return self.inputs(states[self.before : self.before + len(self.order)])

    def outputs(self, states: Array) -> Array:
        """Return the state after each step, (T, N, H), with zeros beyond the ends."""
        return self.inputs(states[self.after : self.after + len(self.order)])

    def hold(self, t: int, new: Array, old: Array) -> None:
        """Write ``old`` over ``new`` for the samples that have no step t."""
        if self.active is not None:
            np.copyto(new, old, where=~self.active[t])

    def silence(self, t: int, *cotangents: Array) -> None:
        """Write zeros over the cotangents of the samples that have no step t."""
        if self.active is not None:
            for c in cotangents:
                np.copyto(c, 0, where=~self.active[t])


def walk(xs: Array, lengths: Any, reverse: bool) -> Walk:
    """Return the walk over xs (T, N, C), of checked options."""
    steps, samples = xs.shape[:2]
    active = None
    if lengths is not None:
        ends = np.asarray(lengths).reshape(samples, 1)
        if ends.size and np.minimum.reduce(ends, axis=None) < steps:
            active = np.arange(steps)[:, np.newaxis, np.newaxis] < ends
    if reverse:
        return Walk(range(steps - 1, -1, -1), 1, 0, steps, 0, active)
    return Walk(range(steps), 0, 1, 0, steps, active)


def projected(xs: Array, w: Array, b: Array | None) -> Array:
    """Return xs w + b for all steps in one product: (T, N, C) -> (T, N, K)."""
    z = np.asarray(by_rows(xs).dot(w))
    if b is not None:
        z += b
    return z.reshape(*xs.shape[:-1], w.shape[1])


def projected_vjp(
    dz: Array, xs: Array, w: Array, b: Array | None, wanted: tuple[bool, bool, bool]
) -> tuple[Array | None, Array | None, Array | None]:
    """Return the cotangents of xs, w and b from that of xs w + b, those that are wanted."""
    rows = by_rows(dz)
    dxs = np.asarray(rows.dot(w.T)).reshape(xs.shape) if wanted[0] else None
    dw = np.asarray(by_rows(xs).T.dot(rows)) if wanted[1] else None
    return dxs, dw, column_sums(rows) if b is not None and wanted[2] else None


def column_sums(a: Array) -> Array:
    """Return the sums of a matrix's columns."""
    return np.asarray(np.ones(len(a), a.dtype).dot(a))  # BLAS is twice as fast as reduce


def gate(z: Array) -> Array:
    """Return the sigmoid, for operations built from it; a new array."""
    return intermediate(sigmoid_of(z))


def places(gates: str, letters: str, hidden: int) -> list[slice]:
    """Return the columns of each of ``letters`` where blocks lie in the order ``gates``."""
    return [slice(k * hidden, (k + 1) * hidden) for k in map(gates.index, letters)]


def check_gates(op: str, gates: Any, letters: str, meaning: str) -> None:
    """Refuse an order of gates that is no permutation of ``letters``."""
    if not isinstance(gates, str) or sorted(gates) != sorted(letters):
        raise OptionError(
            op,
            got=f"gates={gates!r}",
            needs=f"gates as the letters {meaning} in some order, such as {letters!r}",
            cause="Is a letter missing, repeated, or another library's name for the gate?",
        )


def check_lengths(op: str, lengths: Any, steps: int, samples: int) -> None:
    """Refuse lengths that are not one integer from 0 to ``steps`` for each sample."""
    if lengths is None:
        return
    a = as_array(op, "lengths", lengths)
    if a.dtype.kind not in "iu":
        raise DtypeError(
            op,
            got=f"lengths of dtype {a.dtype}",
            needs="lengths of an integer dtype",
            cause="Was a mask passed? Its sum over the steps is the lengths.",
        )
    if a.shape != (samples,):
        raise ShapeError(
            op,
            got=f"lengths of shape {a.shape} for {samples} sample(s)",
            needs=f"lengths of shape ({samples},), one per sample",
            cause="Is the batch the first axis of xs? It is the second here: (T, N, C).",
        )
    bad = (a < 0) | (a > steps)
    if bad.any():
        (sample,) = checks.first_place(bad)
        raise DomainError(
            op,
            got=f"length {int(a[sample])} for sample {sample}",
            needs=f"lengths from 0 to the {steps} step(s) of xs",
            cause="Were ends or padded sizes passed as lengths?",
        )


def check_shapes(
    op: str,
    x: Shape,
    states: Mapping[str, Shape],
    w_x: Shape,
    w_h: Shape,
    vectors: Mapping[str, Shape | None],
    *,
    gates: int = 1,
    sequence: bool = False,
) -> tuple[int, int]:
    """Return the samples N and the hidden units H of shapes that fit one another.

    ``vectors`` are the biases, each with a value per column of the weights.
    """
    name = "xs" if sequence else "x"
    if len(x) != 2 + sequence:
        raise ShapeError(
            op,
            got=f"{name} {x}",
            needs="xs (T, N, C), time first" if sequence else "x (N, C), one step",
            cause="Is the axis of the samples missing?"
            if sequence
            else f"Is it a whole sequence? Then call {op.removesuffix('_cell')}.",
        )
    samples, features = x[-2:]
    columns = f"{gates if gates > 1 else ''}H"
    if len(w_h) != 2 or w_h[1] != gates * w_h[0]:
        turned = len(w_h) == 2 and w_h[0] == gates * w_h[1]
        raise ShapeError(
            op,
            got=f"w_h {w_h}",
            needs=f"w_h (H, {columns})",
            cause="Was w_h passed transposed, as PyTorch and ONNX keep it?"
            if turned
            else "Are the gates' weights not side by side, or w_x and w_h exchanged?",
        )
    hidden, width = w_h
    if w_x != (features, width):
        raise ShapeError(
            op,
            got=f"{name} {x}, w_x {w_x} and w_h {w_h}",
            needs=f"w_x ({features}, {width}): a row per feature of {name}, a column per column "
            "of w_h",
            cause="Was w_x passed transposed, as PyTorch and ONNX keep it?"
            if w_x == (width, features)
            else "Are they another layer's weights?",
        )
    for state, shape in states.items():
        if shape != (samples, hidden):
            raise ShapeError(
                op,
                got=f"{state} {shape}",
                needs=f"{state} ({samples}, {hidden}): a row per sample, a column per hidden unit",
                cause="Is an axis of layers and directions still there?"
                if len(shape) == 3
                else "Is it the state of another batch or layer?",
            )
    for vector, given in vectors.items():
        if given is not None and given != (width,):
            raise ShapeError(
                op,
                got=f"{vector} {given}",
                needs=f"{vector} ({width},), one value per column of w_h",
                cause="Are two biases still one array, or only one gate's given?",
            )
    return samples, hidden
