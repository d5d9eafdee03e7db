"""Class numbers as labels: their checks, their weights, and the scores they pick."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array, Shape
from refnet.errors import DomainError, DtypeError, ShapeError

_UNSIGNED = {size: np.dtype(f"u{size}") for size in (1, 2, 4, 8)}


class LabelWeights(NamedTuple):
    """Where each of n labels looks, and what it weighs.

    ``classes`` (n,) is the class to look at in each of the ``rows`` (n,), ``weight`` (n,) its
    weight: that of the class, or 0 where the label is ignored (whose class is 0, so that it can be
    looked up). ``weight`` is None where every label weighs 1.
    """

    rows: Array
    classes: Array
    weight: Array | None

    def picked(self, scores: Array) -> Array:
        """Return the weighted score of each label's class, from ``scores`` (n, C)."""
        return self.weighted(scores[self.rows, self.classes])

    def weighted(self, elements: Array) -> Array:
        """Return ``elements`` (n,) times their weights; what weighs 0 is 0, whatever it was."""
        if self.weight is None:
            return elements
        return self.weight * np.where(self.weight == 0, 0, elements)

    def one_hot(self, values: Array, classes: int) -> Array:
        """Return zeros (n, C) with the weighted ``values`` (n,) at each label's class."""
        scores = np.zeros((len(self.rows), classes), values.dtype)
        scores[self.rows, self.classes] = self.weighted(values)
        return scores

    @property
    def total(self) -> Any:
        """The sum of the weights, which the mean divides by."""
        return len(self.rows) if self.weight is None else np.add.reduce(self.weight)


def rows_shape(op: str, name: str, scores: Shape, axis: int) -> Shape:
    """Return the shape of scores without their class axis; refuse scores without classes."""
    at = checks.axis(op, axis, len(scores)) if scores else 0
    if not scores or scores[at] == 0:
        raise ShapeError(
            op,
            got=f"{name} {scores}",
            needs=f"{name} (..., C) with at least one class",
            cause="Is the class axis missing, or an empty selection?",
        )
    return scores[:at] + scores[at + 1 :]


def check_class_shapes(op: str, name: str, scores: Shape, labels: Shape, axis: int) -> Shape:
    """Return scores' shape without their class axis; refuse labels of another."""
    rows = rows_shape(op, name, scores, axis)
    if labels != rows:
        shape = "(..., C)" if axis == -1 else f"with the classes on axis {axis}"
        raise ShapeError(
            op,
            got=f"{name} {scores} and labels {labels}",
            needs=f"{name} {shape} and labels {rows}, one class number per row",
            cause="Are the labels one-hot rows, or the classes on another axis?",
        )
    return rows


def classes_last(a: Array, axis: int) -> Array:
    """Return a view of ``a`` whose class axis is the last one."""
    return a if axis == -1 else np.moveaxis(a, axis, -1)


def classes_back(a: Array, axis: int) -> Array:
    """Return a view of ``a`` whose last axis is back where the class axis was."""
    return a if axis == -1 else np.moveaxis(a, -1, axis)


def check_ignore_index(op: str, ignore_index: int | None) -> None:
    """Refuse an ignore_index that is no integer; negative ones are usual."""
    if ignore_index is not None:
        checks.count(op, "ignore_index", ignore_index, low=np.iinfo(np.int64).min)


def label_weights(
    op: str, labels: Array, scores: Array, weight: Array | None, ignore_index: int | None
) -> LabelWeights:
    """Return where ``labels``, whose values are checked, look among ``scores`` (..., C)."""
    n = scores.shape[-1]
    w = None if weight is None else checked_class_weight(op, weight, n, scores.real.dtype)
    flat = labels if labels.ndim == 1 else labels.reshape(labels.size)
    rows = np.arange(len(flat))
    if ignore_index is None:
        # Read as unsigned, a negative label is a huge one: one look for both ends.
        if len(flat) and np.maximum.reduce(flat.view(_UNSIGNED[flat.itemsize])) >= n:
            _refuse_labels(op, labels, (labels < 0) | (labels >= n), n, None)
        return LabelWeights(rows, flat, None if w is None else w[flat])
    counts = labels != ignore_index
    _refuse_labels(op, labels, counts & ((labels < 0) | (labels >= n)), n, ignore_index)
    counts = counts.reshape(labels.size)
    looked_up = np.where(counts, flat, 0)
    weights = counts.astype(scores.real.dtype) if w is None else w[looked_up] * counts
    return LabelWeights(rows, looked_up, weights)


def checked_class_weight(op: str, weight: Any, classes: int, dtype: np.dtype[Any]) -> Array:
    """Return ``weight`` if it is one weight per class, of the operation's dtype."""
    w = as_array(op, "weight", weight)
    if w.dtype != dtype:
        raise DtypeError(
            op,
            got=f"weight of dtype {w.dtype} beside inputs of dtype {dtype}",
            needs="one dtype throughout",
            cause="Is an .astype() missing?",
        )
    if w.shape != (classes,):
        raise ShapeError(
            op,
            got=f"weight of shape {w.shape}",
            needs=f"weight of shape ({classes},), one per class",
            cause="Were weights per sample passed as weights per class?",
        )
    checks.not_negative(op, "weight", w, what="class weights", cause="Is a sign wrong?")
    return w


def _refuse_labels(
    op: str, labels: Array, bad: Array, classes: int, ignore_index: int | None
) -> None:
    if bad.any():
        place = checks.first_place(bad)
        raise DomainError(
            op,
            got=f"label {int(labels[place])} at position {place}",
            needs=f"labels from 0 to {classes - 1}"
            + ("" if ignore_index is None else f", or ignore_index={ignore_index}"),
            cause="Do the labels start at 1, or is a padding label not set as ignore_index?",
        )
