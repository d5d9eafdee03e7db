"""The Kullback-Leibler divergence of log-probabilities from a target distribution."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.losses.reducing import reduce as reduce_elements
from refnet.losses.reducing import reduced_shape, spread
from refnet.op import operation

REDUCTIONS = ("none", "sum", "mean", "mean_rows")


@operation(analytic=True)
def kl_div(
    log_probs: Array,
    t: Array,
    /,
    *,
    log_target: bool = False,
    reduction: str = "mean",
) -> Array:
    """Return t (log t - log_probs), elementwise, then reduced: log_probs, t of one shape.

    Kullback & Leibler 1951, "On information and sufficiency", as torch.nn.KLDivLoss orders it: the
    prediction first, in logarithms. A target of probability 0 (or, in logarithms, -inf) costs 0,
    whatever is predicted: 0 log 0 and 0 log(0 / 0) are 0.

    Parameters
    ----------
    log_probs : array
        Log-probabilities, such as log_softmax gives.
    t : array
        Probabilities, none negative; with log_target their logarithms. Neither input is checked
        against 1, which rounding may exceed.
    log_target : bool
        Whether t is given as logarithms.
    reduction : {"mean", "sum", "none", "mean_rows"}
        ``"mean_rows"`` divides the sum by the length of the first axis and is the divergence of a
        batch (PyTorch's "batchmean"); ``"mean"`` divides by the number of elements, classes
        included.

    VJP: dlog_probs = -g t and dt = g (log t - log_probs + 1), or, for logarithms l of t,
    dlog_probs = -g exp(l) and dl = g exp(l) (l - log_probs + 1); g is dy, divided as the reduction
    divides. Where t is 0 both are 0: t log t has no finite slope there.

    Raises
    ------
    ShapeError
        If the shapes differ, or "mean_rows" meets inputs without axes.
    DomainError
        If a probability is negative or NaN.
    DtypeError
        If the dtypes differ or are no floats.
    OptionError
        If the reduction is unknown or log_target no bool.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> log_probs = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.6, 0.3]]))
    >>> t = np.array([[0.25, 0.25, 0.5], [0.0, 0.6, 0.4]])
    >>> rn.kl_div(log_probs, t, reduction="mean_rows")
    array(0.14417981)
    >>> rn.kl_div.vjp(np.array(1.0), log_probs, t, reduction="sum", wrt=("log_probs",))[0]
    array([[-0.25, -0.25, -0.5 ],
           [-0.  , -0.6 , -0.4 ]])
    """
    probs, gap, _ = _parts(log_probs, t, log_target)
    return reduce_elements(np.asarray(probs * gap), reduction)


@kl_div.shape_rule
def _(log_probs: Shape, t: Shape, *, log_target: bool, reduction: str) -> Shape:
    checks.same_shapes("kl_div", log_probs, t, ("log_probs", "t"))
    checks.flag("kl_div", "log_target", log_target)
    return reduced_shape("kl_div", log_probs, reduction, REDUCTIONS)


@kl_div.vjp_rule
def _(
    dy: Array,
    log_probs: Array,
    t: Array,
    *,
    log_target: bool,
    reduction: str,
    wrt: Collection[str],
) -> Cotangents:
    probs, gap, absent = _parts(log_probs, t, log_target)
    g = spread(dy, t.shape, reduction)
    dlog_probs = -g * probs
    if "t" not in wrt:
        return dlog_probs, None
    return dlog_probs, np.where(absent, 0, (g * probs if log_target else g) * (gap + 1))


def _parts(log_probs: Array, t: Array, log_target: bool) -> tuple[Array, Array, Array]:
    """Return the target's probabilities, log t - log_probs (0 where they are 0), and where."""
    if log_target:
        absent = np.asarray(t.real == -np.inf)
        probs, log_t = np.exp(t), np.where(absent, 0, t)
    else:
        checks.not_negative(
            "kl_div",
            "t",
            t,
            what="probabilities",
            cause="Are they logarithms? Then set log_target=True.",
        )
        absent = np.asarray(t.real == 0)
        probs, log_t = t, np.log(np.where(absent, 1, t))
    return probs, log_t - np.where(absent, 0, log_probs), absent
