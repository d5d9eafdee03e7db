"""Derivatives by central differences and by complex step, and a VJP checked against them.

Both are independent of any VJP. Central differences take any function and estimate their own
error; complex step (Squire & Trapp 1998) takes analytic ones and has no cancellation, so it is
exact to rounding.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array, ScalarFunction
from refnet.errors import ArgumentError, DtypeError, OptionError, ShapeError
from refnet.op import Op

COMPLEX_STEP = 1e-20


class Differences(NamedTuple):
    """A gradient by central differences, and an estimate of its error, element by element."""

    gradient: Array
    error: Array


class Gradcheck(NamedTuple):
    """What :func:`gradcheck` found, each entry for one input by its name.

    ``gap`` is the largest difference between the VJP and the independent derivative, ``allowed``
    what that derivative's own error explains there, and ``ok`` whether every gap is allowed. A
    cotangent that is missing, or of another shape or dtype than its input, has an infinite gap.
    """

    gap: dict[str, float]
    allowed: dict[str, float]
    ok: bool


def central_differences(
    f: ScalarFunction, x: Array, h: float | None = None, *, noise: float | None = None
) -> Differences:
    """Return the gradient of f at x from values at x +- h and x +- h/2.

    With D(h) = (f(x + h) - f(x - h)) / 2h the gradient is Richardson's (4 D(h/2) - D(h)) / 3,
    whose truncation error is of order h^4. Its error is estimated by the last correction,
    |D(h/2) - D(h)| / 3, which bounds the truncation error where the series converges, plus what
    the noise e of f's values can do: (4 D(h/2) - D(h)) / 3 has 3 e / h of it.

    Parameters
    ----------
    f : callable
        From an array like x to a number; called 4 times per element. It does not see x itself
        but copies of it.
    x : array
        float64 or longdouble.
    h : float, optional
        The step; by default u^(1/5), which balances h^4 and u / h for a function that changes over
        distances of 1, but at least 1024 times the spacing of floats at x.
    noise : float, optional
        The absolute error of a value of f; by default u times the largest value met. A sum of large
        terms that cancel has more.

    Returns
    -------
    Differences
        ``gradient`` and ``error``, of x's shape and dtype.

    Raises
    ------
    DtypeError
        If x is neither float64 nor longdouble: the differences of narrower floats are noise.
    ShapeError
        If f does not return a single number.
    OptionError
        If h is not positive.

    Examples
    --------
    >>> found = central_differences(lambda x: np.exp(x).sum(), np.array([0.0, 1.0]))
    >>> bool((abs(found.gradient - np.exp([0.0, 1.0])) <= found.error).all())
    True
    >>> bool((found.error < 1e-5).all())
    True
    """
    x = np.asarray(x)
    if x.dtype not in (np.float64, np.longdouble):
        raise DtypeError(
            "central_differences",
            got=f"x of dtype {x.dtype}",
            needs="float64 or longdouble",
            cause="Use .astype(np.float64): the differences of narrower floats are noise.",
        )
    if h is not None:
        checks.number("central_differences", "h", h, low=0, open_low=True)
    if noise is not None:
        checks.number("central_differences", "noise", noise, low=0)
    u = np.finfo(x.dtype).eps / 2
    gradient, error = np.empty_like(x), np.empty_like(x)
    for place in np.ndindex(x.shape):
        step = x.dtype.type(h) if h is not None else max(u**0.2, 1024 * np.spacing(abs(x[place])))
        # Powers of two leave x + h exact more often, and h/2 always.
        step = x.dtype.type(2) ** np.round(np.log2(step)) if h is None else step
        coarse, high = _difference(f, x, place, step)
        fine, _ = _difference(f, x, place, step / 2)
        gradient[place] = (4 * fine - coarse) / 3
        error[place] = abs(fine - coarse) / 3 + 3 * (u * high if noise is None else noise) / step
    return Differences(gradient, error)


def complex_step(f: ScalarFunction, x: Array) -> Array:
    """Return the gradient of an analytic f at x as Im f(x + ih) / h with h = 1e-20.

    There is no difference of close numbers, so the result is as accurate as f itself. f must take
    complex arrays and use no abs, max or comparison but of real parts.

    Parameters
    ----------
    f : callable
        From a complex array like x to a number; called once per element.
    x : array
        float64 or longdouble.

    Raises
    ------
    DtypeError
        If x is neither float64 nor longdouble.
    ShapeError
        If f does not return a single number.

    Examples
    --------
    >>> complex_step(lambda z: (z**3).sum(), np.array([2.0, -1.0]))
    array([12.,  3.])
    """
    x = np.asarray(x)
    if x.dtype not in (np.float64, np.longdouble):
        raise DtypeError(
            "complex_step",
            got=f"x of dtype {x.dtype}",
            needs="float64 or longdouble",
            cause="Use .astype(np.float64).",
        )
    gradient = np.empty_like(x)
    for place in np.ndindex(x.shape):
        z = x.astype(np.result_type(x, np.complex64))
        z[place] += 1j * COMPLEX_STEP
        gradient[place] = _number("complex_step", f(z)).imag / COMPLEX_STEP
    return gradient


def gradcheck(
    op: Op[Any, Any],
    *inputs: Array | None,
    rng: np.random.Generator,
    method: str = "central",
    **options: Any,
) -> Gradcheck:
    """Check op's VJP at ``inputs`` against a derivative that does not use it.

    A random signed cotangent projects the result (or the results) to a number, whose gradient with
    respect to each float input is taken numerically.

    Parameters
    ----------
    op : Op
        The operation.
    *inputs : array
        Its inputs, the float ones in float64 or longdouble; away from kinks.
    rng : numpy.random.Generator
        Draws the cotangent.
    method : {"central", "complex"}
        ``"complex"`` needs an analytic operation. Either allows for n u times the size of what it
        evaluates, with as many roundings n as there are elements in the input and the result, and
        16 more: two elementary functions at 4 ulp each.
    **options
        The operation's options.

    Raises
    ------
    OptionError
        If the method is unknown, complex step is asked of an operation that is not analytic, or
        every input is of integers, so that there is nothing to compare.
    ArgumentError
        If op is no operation.
    DtypeError
        If an input is narrower than float64, or rng no generator.

    Examples
    --------
    >>> import refnet as rn
    >>> x = np.array([[0.3, -1.2, 2.0]])
    >>> found = gradcheck(rn.softmax, x, rng=np.random.default_rng(0), method="complex")
    >>> found.ok, found.gap["x"] < 1e-16
    (True, True)
    """
    if not isinstance(op, Op):
        raise ArgumentError(
            "gradcheck",
            got=f"op of type {type(op).__name__}",
            needs="an operation such as refnet.tanh",
            cause="Was it passed by its name, or a plain function?",
        )
    checks.choice("gradcheck", "method", method, ("central", "complex"))
    if method == "complex" and not op.analytic:
        raise OptionError(
            "gradcheck",
            got=f"method='complex' for {op.name}",
            needs="an analytic operation",
            cause="Operations with kinks are checked with method='central', away from them.",
        )
    checks.generator("gradcheck", rng)
    arrays = [None if a is None else as_array("gradcheck", "an input", a) for a in inputs]
    value = op(*arrays, **options)
    several = isinstance(value, tuple)
    ys: tuple[Array, ...] = value if several else (value,)
    dys = [rng.standard_normal(y.shape).astype(y.dtype) for y in ys]
    cotangents = op.vjp(tuple(dys) if several else dys[0], *arrays, **options)
    outputs = sum(y.size for y in ys)
    gap, allowed, ok = {}, {}, True
    for i, (name, c) in enumerate(zip(op.names(len(arrays)), cotangents, strict=True)):
        a = arrays[i]
        floating = a is not None and a.dtype.kind not in "biu"
        if c is None and not floating:
            continue
        if c is None or a is None or not floating or (c.shape, c.dtype) != (a.shape, a.dtype):
            gap[name], allowed[name], ok = math.inf, 0.0, False
            continue

        def projected(v: Array, i: int = i) -> Any:
            # Beside a complex input the other float ones have to be complex too.
            rest = [a if a is None or a.dtype.kind in "biu" else a.astype(v.dtype) for a in arrays]
            result = op(*rest[:i], v, *rest[i + 1 :], **options)
            parts = result if several else (result,)
            return sum((part * dy).sum() for part, dy in zip(parts, dys, strict=True))

        x = a
        roundings = (x.size + outputs + 16) * float(np.finfo(x.dtype).eps) / 2
        if method == "central":
            sizes = [
                (np.abs(dy) * np.maximum(np.abs(y), 1)).sum() for y, dy in zip(ys, dys, strict=True)
            ]
            size = float(sum(sizes))
            wanted, error = central_differences(projected, x, noise=roundings * size)
        else:
            wanted = complex_step(projected, x)
            # A VJP computes with dy, also where its result is much smaller.
            sizes = [np.abs(a).max(initial=0) for a in (wanted, *dys)]
            error = np.full(x.shape, roundings * max(sizes))
        distance = np.abs(c - wanted)
        ok = ok and bool((distance <= error).all())
        worst = np.unravel_index(int((distance - error).argmax()), x.shape) if x.size else None
        gap[name] = float(distance[worst]) if worst is not None else 0.0
        allowed[name] = float(error[worst]) if worst is not None else 0.0
    if not gap:
        raise OptionError(
            "gradcheck",
            got=f"inputs of {op.name} that are all integers",
            needs="at least one float input, which has a cotangent",
            cause="There is nothing to compare, and that is no agreement.",
        )
    return Gradcheck(gap, allowed, ok)


def _difference(f: ScalarFunction, x: Array, place: tuple[int, ...], h: Any) -> tuple[Any, Any]:
    right, left = x.copy(), x.copy()
    right[place] += h
    left[place] -= h
    above, below = (_number("central_differences", f(v)) for v in (right, left))
    return (above - below) / (right[place] - left[place]), max(abs(above), abs(below))


def _number(op: str, value: Any) -> Any:
    a = np.asarray(value)
    if a.size != 1:
        raise ShapeError(
            op,
            got=f"a result of shape {a.shape} from f",
            needs="a single number",
            cause="Is a .sum() missing?",
        )
    if a.dtype.kind not in ("biufc" if op == "complex_step" else "biuf"):
        raise DtypeError(
            op,
            got=f"a result of dtype {a.dtype} from f",
            needs="a real number" if op != "complex_step" else "a number",
            cause="Does f return its result, and not None?",
        )
    return a.reshape(())[()]
