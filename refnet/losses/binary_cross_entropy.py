"""Cross-entropy of two classes, from probabilities and from logits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import DtypeError, ShapeError
from refnet.losses.reducing import reduce as reduce_elements
from refnet.losses.reducing import reduced_shape, spread
from refnet.op import intermediate, operation
from refnet.ops.sigmoid import sigmoid_of


@operation(analytic=True)
def binary_cross_entropy(
    probs: Array, t: Array, /, *, reduction: str = "mean", log_min: float | None = None
) -> Array:
    """Return -(t log p + (1 - t) log(1 - p)), elementwise, then reduced: probs p, t of one shape.

    From logits use binary_cross_entropy_with_logits, which is accurate where this is not. 0 log 0
    counts as 0. log(1 - p) is evaluated as log1p(-p).

    Parameters
    ----------
    probs, t : array
        Probabilities of the second class, and targets in [0, 1].
    reduction : {"mean", "sum", "none"}
        The mean is that over the elements.
    log_min : float, optional
        The least value that either logarithm takes. None, the default, sets no limit, so that p = 0
        with t = 1 costs infinity; PyTorch limits at -100.

    VJP: dp = g (p - t) / (p (1 - p)) and dt = g (log(1 - p) - log p), where g is dy, divided by
    the number of elements for the mean. A term that is limited, or whose factor t or 1 - t is 0,
    has no part in dp.

    Raises
    ------
    ShapeError
        If the shapes differ.
    DomainError
        If a probability or a target is outside [0, 1], or a target is NaN.
    DtypeError
        If the dtypes differ or are no floats.
    OptionError
        If the reduction is unknown or log_min not negative.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> probs, t = np.array([0.25, 1.0]), np.array([1.0, 0.0])
    >>> rn.binary_cross_entropy(probs, t, reduction="none", log_min=-100.0)
    array([  1.38629436, 100.        ])
    """
    _check_values(probs, t)
    # Where a factor is 0, so is its term: the logarithm is then taken of 1.
    log_p, log_q = _logs(np.where(t == 0, 1, probs), np.where(t == 1, 0, probs), log_min)
    return reduce_elements(np.asarray(0 - (t * log_p + (1 - t) * log_q)), reduction)


@binary_cross_entropy.shape_rule
def _(probs: Shape, t: Shape, *, reduction: str, log_min: float | None) -> Shape:
    checks.same_shapes("binary_cross_entropy", probs, t, ("probs", "t"))
    if log_min is not None:
        checks.number("binary_cross_entropy", "log_min", log_min, high=0, open_high=True)
    return reduced_shape("binary_cross_entropy", probs, reduction)


@binary_cross_entropy.vjp_rule
def _(
    dy: Array,
    probs: Array,
    t: Array,
    *,
    reduction: str,
    log_min: float | None,
    wrt: Collection[str],
) -> Cotangents:
    _check_values(probs, t)
    g = spread(dy, probs.shape, reduction)
    flat_p, flat_q = t == 0, t == 1
    if log_min is not None or "t" in wrt:
        log_p, log_q = _logs(probs, probs, log_min)
    if log_min is not None:
        flat_p = flat_p | (log_p.real <= log_min)
        flat_q = flat_q | (log_q.real <= log_min)
    above = np.where(flat_p, np.where(flat_q, 0, 1 - t), np.where(flat_q, -t, probs - t))
    one_minus = 1 - probs
    below = np.where(
        flat_p, np.where(flat_q, 1, one_minus), np.where(flat_q, probs, probs * one_minus)
    )
    dprobs = g * (above / below)
    if "t" not in wrt:
        return dprobs, None
    return dprobs, g * (log_q - log_p)


@operation(analytic=True)
def binary_cross_entropy_with_logits(
    x: Array, t: Array, /, *, reduction: str = "mean", pos_weight: Array | None = None
) -> Array:
    """Return -(w t log s(x) + (1 - t) log s(-x)), s the sigmoid, reduced: x, t of one shape.

    Evaluated as |x| c + v log1p(exp(-|x|)), where v = w t + 1 - t, and c is the part of it that
    belongs to the other class: 1 - t for x > 0 and w t otherwise. Nothing overflows and nothing
    cancels, so every element keeps its relative accuracy, small losses too.

    Parameters
    ----------
    x, t : array
        Logits of the second class, and targets in [0, 1].
    reduction : {"mean", "sum", "none"}
        The mean is that over the elements.
    pos_weight : array, optional
        The weight w of the second class, of x's dtype and of a shape that broadcasts to x's: (C,)
        for one per column. 1 by default. The mean does not divide by it.

    VJP: dx = g (v s(x) - w t) and dt = g (w log(1 + exp(-x)) - log(1 + exp(x))), where g is dy,
    divided by the number of elements for the mean; without pos_weight these are g (s(x) - t) and
    -g x.

    Raises
    ------
    ShapeError
        If the shapes differ, or pos_weight does not broadcast to them.
    DomainError
        If a target is outside [0, 1] or NaN, or a weight negative or NaN.
    DtypeError
        If the dtypes differ or are no floats.
    OptionError
        If the reduction is unknown.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x, t = np.array([-1000.0, -20.0, 1000.0]), np.array([0.0, 0.0, 0.0])
    >>> rn.binary_cross_entropy_with_logits(x, t, reduction="none")
    array([0.00000000e+00, 2.06115362e-09, 1.00000000e+03])
    """
    _check_targets("binary_cross_entropy_with_logits", t)
    right = x.real > 0
    size = np.where(right, x, -x)  # |x|, of the real part's sign where x is complex
    tail = np.log1p(np.exp(-size))
    if pos_weight is None:
        elements = size * np.where(right, 1 - t, t) + tail
    else:
        wt = _checked_pos_weight(pos_weight, x) * t
        elements = size * np.where(right, 1 - t, wt) + (wt + (1 - t)) * tail
    return reduce_elements(np.asarray(elements), reduction)


@binary_cross_entropy_with_logits.shape_rule
def _(x: Shape, t: Shape, *, reduction: str, pos_weight: Array | None) -> Shape:
    checks.same_shapes("binary_cross_entropy_with_logits", x, t, ("x", "t"))
    return reduced_shape("binary_cross_entropy_with_logits", x, reduction)


@binary_cross_entropy_with_logits.vjp_rule
def _(dy: Array, x: Array, t: Array, *, reduction: str, pos_weight: Array | None) -> Cotangents:
    _check_targets("binary_cross_entropy_with_logits", t)
    g = spread(dy, x.shape, reduction)
    probs = intermediate(sigmoid_of(x))
    if pos_weight is None:
        return g * (probs - t), -g * x
    w = _checked_pos_weight(pos_weight, x)
    tail = np.log1p(np.exp(-np.abs(x)))
    dt = w * (np.maximum(-x, 0) + tail) - (np.maximum(x, 0) + tail)
    return g * ((w * t + (1 - t)) * probs - w * t), g * dt


def _checked_pos_weight(weight: Any, x: Array) -> Array:
    op = "binary_cross_entropy_with_logits"
    w = as_array(op, "pos_weight", weight)
    if w.dtype != x.real.dtype:
        raise DtypeError(
            op,
            got=f"pos_weight of dtype {w.dtype} beside inputs of dtype {x.real.dtype}",
            needs="one dtype throughout",
            cause="Is an .astype() missing?",
        )
    n = w.ndim
    lined_up = zip(w.shape, x.shape[x.ndim - n :], strict=False)
    if n > x.ndim or any(k not in (1, size) for k, size in lined_up):
        raise ShapeError(
            op,
            got=f"pos_weight of shape {w.shape} for x {x.shape}",
            needs="pos_weight of a shape that broadcasts to x's",
            cause="Is it one weight per column?",
        )
    checks.not_negative(op, "pos_weight", w, what="weights", cause="Is a sign wrong?")
    return w


def _logs(p: Array, q: Array, log_min: float | None) -> tuple[Array, Array]:
    """Return log p and log(1 - q), neither below log_min."""
    if log_min is None:
        return np.log(p), np.log1p(-q)
    with np.errstate(divide="ignore"):  # the logarithm of 0 is limited like any other
        log_p, log_q = np.log(p), np.log1p(-q)
    return (
        np.where(log_p.real <= log_min, log_min, log_p),
        np.where(log_q.real <= log_min, log_min, log_q),
    )


def _check_values(probs: Array, t: Array) -> None:
    checks.at_most_one("binary_cross_entropy", "probs", probs)
    _check_targets("binary_cross_entropy", t)


def _check_targets(op: str, t: Array) -> None:
    checks.not_negative(op, "t", t, what="targets in [0, 1]")
    checks.at_most_one(op, "t", t, cause="Are the targets class numbers beyond 1?")
