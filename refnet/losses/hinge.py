"""The hinge loss of two classes, and its square."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import DomainError
from refnet.losses.reducing import reduce as reduce_elements
from refnet.losses.reducing import reduced_shape, spread
from refnet.op import operation


@operation(analytic=False)
def hinge(
    y: Array,
    t: Array,
    /,
    *,
    margin: float = 1.0,
    squared: bool = False,
    reduction: str = "mean",
) -> Array:
    """Return max(0, margin - t y), or its square, elementwise, then reduced: y, t of one shape.

    Cortes & Vapnik 1995, "Support-vector networks"; squared, the loss of the L2-SVM.

    Parameters
    ----------
    y, t : array
        Scores, and targets of -1 and +1. A target of 0 is refused, for it says that the classes
        are numbered 0 and 1, as Keras takes them: pass 2 t - 1. The formula holds for any other t.
    margin : float
        The score beyond which the right side costs nothing; 0 gives the perceptron's loss.
    squared : bool
        Whether the elements are squared.
    reduction : {"mean", "sum", "none"}
        The mean is that over the elements.

    VJP: where margin - t y > 0, dy_ = -g t and dt = -g y, times 2 (margin - t y) if squared; 0
    elsewhere, at the kink too. g is dy, divided by the number of elements for the mean.

    Raises
    ------
    ShapeError
        If the shapes differ.
    DomainError
        If a target is 0 or NaN.
    DtypeError
        If the dtypes differ or are no floats.
    OptionError
        If the margin is negative, squared no bool or the reduction unknown.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> y, t = np.array([2.0, 0.5, -0.5, 1.0]), np.array([1.0, 1.0, 1.0, -1.0])
    >>> rn.hinge(y, t, reduction="none")
    array([0. , 0.5, 1.5, 2. ])
    >>> rn.hinge.vjp(np.array(1.0), y, t, reduction="sum")[0]
    array([ 0., -1., -1.,  1.])
    """
    gap, _ = _gap(y, t, margin)
    return reduce_elements(np.asarray(gap * gap if squared else gap), reduction)


@hinge.shape_rule
def _(y: Shape, t: Shape, *, margin: float, squared: bool, reduction: str) -> Shape:
    checks.same_shapes("hinge", y, t, ("y", "t"))
    checks.number("hinge", "margin", margin, low=0)
    checks.flag("hinge", "squared", squared)
    return reduced_shape("hinge", y, reduction)


@hinge.vjp_rule
def _(dy: Array, y: Array, t: Array, *, margin: float, squared: bool, reduction: str) -> Cotangents:
    gap, flat = _gap(y, t, margin)
    g = spread(dy, y.shape, reduction)
    slope = -((g + g) * gap) if squared else -g
    return np.where(flat, 0, slope * t), np.where(flat, 0, slope * np.where(flat, 0, y))


def _gap(y: Array, t: Array, margin: float) -> tuple[Array, Array]:
    """Return max(0, margin - t y), and where it is flat."""
    bad = ~(np.abs(t) > 0)
    if bad.any():
        place = checks.first_place(bad)
        raise DomainError(
            "hinge",
            got=f"t {t[place]} at position {place}",
            needs="targets of -1 and +1",
            cause="Are the classes numbered 0 and 1? Then pass 2 * t - 1.",
        )
    gap = float(margin) - t * y
    flat = np.asarray(gap <= 0)  # not NaN, which stays
    return np.where(flat, 0, gap), flat
