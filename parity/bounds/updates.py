"""Limits on an optimizer's updates, one after another, by running error analysis.

Every optimizer states its rule on values with limits on their errors (:mod:`parity.bounds.running`,
Higham 2002, section 3.3); here is what they share: the scalars, clipping, weight decay, and the
loop over the updates. Parameters and slots are rounded to the dtype itself after every update, and
what an update leaves, with its limit, is what the next one starts from.

Scalars such as 1 - beta^t are computed in float64 on either side and rounded once where they meet
an array. ``beta^t`` is within an ulp; where it is close to 1, taking it from 1 makes much of that,
which the limit follows. A schedule's rate may come from a recursion, as PyTorch's do: a factor per
update, each some roundings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from parity.bounds.base import Arithmetic, Array, arithmetic
from parity.bounds.running import Running, exact, plus, product, root

U64 = 2.0**-53
# Roundings of a schedule's rate per update, of PyTorch's recursions at most: that of a cosine.
PER_UPDATE = 6
# Roundings of what does not recur, cos among it, relative to the largest rate so far.
AT_ONCE = 8


class At(NamedTuple):
    """Where a rule stands: the arithmetic, the number of the update, its rate, every option."""

    a: Arithmetic
    t: int
    lr: Running
    o: Mapping[str, Any]
    one: Any  # 1 in the oracle's precision

    def scalar(self, value: Any, error: Any = 0.0) -> Running:
        """Return a scalar, off by ``error``, as it is rounded where it meets an array."""
        v = self.one * value
        return Running(v, error + self.a.u * (abs(v) + error))

    def complement(self, value: float) -> Running:
        """Return 1 - value, as a scalar."""
        v = self.one - value
        return self.scalar(v, U64 * abs(v))

    def correction(self, beta: float) -> Running:
        """Return 1 - beta^t, before any rounding to an array's dtype."""
        power = (self.one * beta) ** self.t
        ulp = np.spacing(float(power)) if self.t > 1 else 0.0
        return Running(1 - power, ulp + U64 * (1 - power))


class Limits(NamedTuple):
    """Limits on the errors of parameters, slots and the next gradient point after an update."""

    params: dict[str, Array]
    slots: dict[str, dict[str, Array]]
    point: dict[str, Array]


Rule = Callable[[At, Running, Running, dict[str, Running]], Running]


def limits(
    dtype: str,
    params: Mapping[str, Array],
    grads: Sequence[Mapping[str, Array]],
    options: Mapping[str, Any],
    rule: Rule,
    slots: Mapping[str, float],
    point: Callable[[At, Running, dict[str, Running]], Running] = lambda at, p, slots: p,  # noqa: ARG005
) -> list[Limits]:
    """Return the limits after each update.

    Parameters
    ----------
    dtype : str
        That of the cell.
    params, grads : mapping, sequence of mappings
        The oracle's.
    options : mapping
        Every field of the oracle's optimizer.
    rule : callable
        ``rule(at, p, g, slots)`` returns the parameter after an update and puts new slots into
        ``slots``.
    slots : mapping
        What each slot starts from.
    point : callable
        ``point(at, p, slots)`` returns where the next gradient is taken.
    """
    a = arithmetic(dtype, dtype)
    wide = next(iter(params.values())).dtype.type
    p = {name: exact(value) for name, value in params.items()}
    # A start that is no number of the dtype is rounded.
    state = {
        name: {slot: _filled(a, value, v) for slot, v in slots.items()}
        for name, value in params.items()
    }
    found = []
    with np.errstate(all="ignore"):
        for t, gradients in enumerate(grads, start=1):
            at = At(a, t, _rate(options["lr"], t - 1, wide), options, wide(1))
            following = at._replace(lr=_rate(options["lr"], t, wide))
            clipped = _clipped(at, {name: exact(g) for name, g in gradients.items()})
            for name, g in clipped.items():
                kept, decayed = _decayed(at, p[name], g)
                p[name] = rule(at, kept, decayed, state[name])
            found.append(
                Limits(
                    {name: x.e for name, x in p.items()},
                    {slot: {name: state[name][slot].e for name in p} for slot in slots},
                    {name: point(following, x, state[name]).e for name, x in p.items()},
                )
            )
    return found


def blended(at: At, old: Running, new: Running, beta: float, square: bool = False) -> Running:
    """Return beta old + (1 - beta) new, or new^2: a moving average.

    Computed as it stands, or from the nearer end: old + (1 - beta) (new - old) for beta >= 1/2, and
    new - beta (new - old) below. The scalar, the product or two, and the sum are roundings on sizes
    |beta old| + |(1 - beta) new| or, where the difference is taken first, min(beta, 1 - beta)
    (|old| + |new|), and the sum's.
    """
    a, keep, take = at.a, at.one * beta, at.one - beta
    v, e = (new.v**2, 2 * np.abs(new.v) * new.e + new.e**2) if square else (new.v, new.e)
    size = np.abs(v) + e
    parts = keep * old.size + take * size
    across = np.minimum(keep, take) * (old.size + size)
    rounding = a.gamma(4) * np.maximum(parts, across) + a.u * parts + 3 * a.eta
    scalars = U64 * take * size
    return Running(
        keep * old.v + take * v,
        keep * old.e + take * e + np.where(parts > 0, rounding + scalars, 0),
    )


def with_eps(at: At, x: Running, eps: float) -> tuple[Running, Array]:
    """Return x + eps, and the least that may have been computed for it: x is never negative."""
    if not eps:
        return x, np.zeros_like(x.v)
    a, eps = at.a, at.one * eps
    e = x.e + a.u * eps
    rounded = e + a.u * (x.v + eps + e) + a.eta
    return Running(x.v + eps, rounded), np.full_like(x.v, max(eps * (1 - 3 * a.u) - a.eta, 0))


def root_with_eps(at: At, x: Running, outside: float, inside: float) -> tuple[Running, Array]:
    """Return sqrt(x + inside) + outside, and the least that may have been computed for it."""
    within, low = with_eps(at, x, inside)
    y, least = with_eps(at, root(at.a, within), outside)
    return y, np.maximum(least, np.sqrt(low) * (1 - at.a.u))


def over(at: At, x: Running, scalar: Running) -> Running:
    """Return x over a scalar that is off by its e.

    Before a root is taken of it, or after, by the scalar's own root: two roundings, that are four
    before it.
    """
    if scalar.v == 1:
        return x
    quotient = x.size / scalar.v
    off = scalar.e / (scalar.v - scalar.e) + at.a.u
    e = x.e / scalar.v + quotient * off + at.a.gamma(4) * quotient + at.a.eta
    return Running(x.v / scalar.v, np.where(quotient > 0, e, 0))


def moved(at: At, p: Running, step: Running) -> Running:
    """Return p - step; a step of exactly 0 leaves p as it is."""
    e = p.e + step.e
    rounding = at.a.u * (np.abs(p.v - step.v) + e) + at.a.eta
    return Running(p.v - step.v, e + np.where(step.size > 0, rounding, 0))


def _filled(a: Arithmetic, like: Array, value: float) -> Running:
    v = np.full_like(like, value)
    return Running(v, a.u * np.abs(v))


def _rate(lr: Any, done: int, wide: Any) -> Running:
    """Return the rate of the update after ``done`` others, before it meets an array."""
    if not callable(lr):
        return exact(np.asarray(wide(lr)))
    rates = [wide(lr(k)) for k in range(done + 1)]
    error = U64 * (PER_UPDATE * done * rates[-1] + AT_ONCE * max(rates))
    return Running(np.asarray(rates[-1]), np.asarray(error))


def _clipped(at: At, grads: dict[str, Running]) -> dict[str, Running]:
    """Return the gradients after clipping, which their dtype's rounding may follow."""
    a, clip = at.a, at.o["clip"]
    if clip is None:
        return grads
    limit = at.one * clip.limit
    if not hasattr(clip, "eps"):  # by value
        return {
            name: Running(
                np.clip(g.v, -limit, limit),
                np.where(np.abs(g.v) >= limit * (1 - a.u), a.u * limit, 0),
            )
            for name, g in grads.items()
        }
    # The square root of a sum of n squares, or of the tensors' norms' squares.
    n = sum(g.v.size for g in grads.values())
    total = np.sqrt(sum((g.v**2).sum() for g in grads.values()))
    error = a.gamma(n + 6) * total + np.sqrt(n * a.eta)
    norm = plus(a, Running(total, error), exact(at.one * clip.eps))
    if norm.v + norm.e < limit:
        return grads
    scale = np.minimum(1, limit / norm.v)
    off = norm.e / (norm.v - norm.e) + a.gamma(2)
    return {name: product(a, g, Running(scale, scale * off + a.eta)) for name, g in grads.items()}


def _decayed(at: At, p: Running, g: Running) -> tuple[Running, Running]:
    """Return parameter and gradient after weight decay."""
    weight = at.o["weight_decay"]
    if not weight:
        return p, g
    decay = at.scalar(weight)
    match at.o["decay_kind"]:
        case "l2":
            return p, plus(at.a, g, product(at.a, decay, p))
        case "l1":
            # The sign of what may be on either side of 0 is not known.
            sign = Running(np.sign(p.v), np.where((p.e > 0) & (p.e >= np.abs(p.v)), 2, 0))
            return p, plus(at.a, g, product(at.a, decay, sign))
        case _:  # "decoupled"
            shrink = at.lr.v * weight
            error = at.lr.e * weight + U64 * (shrink + 1)
            return product(at.a, at.scalar(1 - shrink, error), p), g
