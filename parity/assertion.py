"""``assert_parity``: a bound derived from the arithmetic, in other people's tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from parity.backends.base import results
from parity.backends.refnet import RefnetAdapter
from parity.bounds.base import oracle_dtype
from parity.compare import Deviation, measure, smallest_rtol, worst_of
from parity.errors import SelectionError
from parity.floats import accumulation_dtype
from parity.operations import cast, limits_of
from parity.report.rows import short
from refnet import ops
from refnet.checks import nearest


def assert_parity(
    actual: Any,
    oracle: Any = None,
    *,
    op: str,
    inputs: Sequence[Any],
    options: Mapping[str, Any] | None = None,
    dy: Any = None,
) -> None:
    """Assert that a result is that of an operation but for rounding.

    Parameters
    ----------
    actual : array, or tuple of arrays
        The result, in the dtype that decides the bound; with ``dy`` the tuple of the inputs'
        cotangents, None for those of integers.
    oracle : array, or tuple of arrays, optional
        The result in higher precision; by default refnet's.
    op : str
        The operation, by refnet's name.
    inputs : sequence of array
        Its inputs, with which the result was computed.
    options : mapping, optional
        Its options.
    dy : array, or tuple of arrays, optional
        The cotangent of the result: then ``actual`` holds what the VJP gave for it.

    Raises
    ------
    AssertionError
        If an element is outside its bound, or a shape, dtype, NaN, infinity or sign of zero
        differs. The message names the worst element, both values, its error in ULP and as a share
        of its bound, and the least rtol that would pass.
    SelectionError
        If refnet has no such operation.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0, 3.0]], np.float32)
    >>> e = np.exp(x)
    >>> assert_parity(e / e.sum(), op="softmax", inputs=[x])
    >>> assert_parity(e / e.sum() + 1e-5, op="softmax", inputs=[x])
    Traceback (most recent call last):
    AssertionError: softmax in float32: 3 of 3 elements are outside their bound
      worst: y[0, 0] = 0.0900405794, expected 0.0900305732 +- 1.1e-07
      largest error: 87 times its bound, 1.3e+03 ULP, 1.0e-05 absolute, 1.1e-04 relative
      the least rtol that would pass (atol=0): 1.1e-04
    """
    if op not in ops():
        raise SelectionError(
            "assert_parity",
            got=f"op={op!r}",
            needs=f"one of refnet's {len(ops())} operations",
            cause=nearest(op, ops()),
        )
    given = [None if a is None else np.asarray(a) for a in inputs]
    found = [None if a is None else np.asarray(a) for a in _several(actual)]
    dtype = next(a.dtype.name for a in found if a is not None)
    wide = oracle_dtype(dtype)
    assert wide is not None
    wide_inputs, wide_options = cast(given, wide), dict(options or {})
    dys = None if dy is None else [_wide(dy, wide)]
    with np.errstate(all="ignore"):
        expected = RefnetAdapter().run(op, wide_inputs, wide_options, dys)
        if oracle is not None and dy is None:
            expected = expected._replace(y=_wide(oracle, wide))
        elif oracle is not None:
            expected = expected._replace(cotangents=[tuple(cast(_several(oracle), wide))])
        accumulation = accumulation_dtype(dtype)
        limits = limits_of(op, dtype, accumulation, expected, wide_inputs, wide_options, dys)
    if dy is not None:
        limits = limits[len(results(expected.y)) :]
        wanted = expected.cotangents[0] if expected.cotangents else ()
        found += [None] * (len(wanted) - len(found))  # of optional inputs left out
        if [c is None for c in found] != [c is None for c in wanted]:
            raise AssertionError(f"{op}: cotangents of other inputs than those that are floats")
    there = [a for a in found if a is not None]
    if len(there) != len(limits):
        raise AssertionError(f"{op}: {len(there)} result(s) instead of {len(limits)}")
    pairs = list(zip(there, limits, strict=True))
    apart = worst_of(
        measure(name.partition(" ")[0], a, value, limit, dtype) for a, (name, value, limit) in pairs
    )
    if not apart.within:
        rtol = max(smallest_rtol(a, value) for a, (_, value, _) in pairs)
        raise AssertionError(_message(op, dtype, apart, rtol))


def _message(op: str, dtype: str, d: Deviation, rtol: float) -> str:
    outside = f"{d.differing:,} of {d.elements:,} elements are outside their bound"
    return (
        f"{op} in {dtype}: {outside}\n"
        f"  worst: {d.worst}\n"
        f"  largest error: {short(d.ratio)} times its bound, {short(d.max_ulp)} ULP, "
        f"{short(d.max_abs)} absolute, {short(d.max_rel)} relative\n"
        f"  the least rtol that would pass (atol=0): {short(rtol)}"
    )


def _several(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _wide(values: Any, wide: np.dtype[Any]) -> Any:
    """Return an array, or each of a tuple, in higher precision."""
    wider = cast([np.asarray(v) for v in _several(values)], wide)
    return tuple(wider) if isinstance(values, tuple) else wider[0]
