"""What holds for every operation, on every case that parity has for it."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

import refnet as rn
from parity.case import Case
from parity.inputs import arrays, resolved
from parity.registry import all_cases
from refnet.admission import widened
from refnet.arrays import is_float, is_half
from refnet.errors import DtypeError

CASES = [c for c in all_cases() if isinstance(c, Case)]
DTYPES = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, np.longdouble]
# Cases on kinks, or whose derivative is infinite or has no meaning, have no numerical gradient.
SMOOTH = [
    c
    for c in CASES
    if c.vjp
    and c.regime in ("typical", "edge shapes", "layouts")
    and all(s is None or 0 < np.prod(s.shape) <= 150 for s in resolved(c, 5).inputs)
]
OPS = pytest.mark.parametrize("op", rn.ops().values(), ids=lambda op: op.name)


def each(op, cases, check):
    """Check the cases of an operation in one test: a test for each would take longer than it."""
    for case in cases:
        if case.op == op.name:
            try:
                check(op, case)
            except Exception as error:
                error.add_note(f"in the case {case.id}")
                raise


def test_every_operation_has_cases():
    assert {c.op for c in CASES} == set(rn.ops())


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: np.dtype(d).name)
@OPS
def test_dtype_purity_and_memory(op, dtype):
    each(op, CASES, lambda op, case: check_dtype_purity_and_memory(op, case, dtype))


def check_dtype_purity_and_memory(op, case, dtype):
    base = np.dtype(np.float64 if dtype is np.longdouble else dtype).name
    inputs, options = arrays(case, base, 3)
    inputs, options = _in(inputs, dtype), {k: _in([v], dtype)[0] for k, v in options.items()}
    before = [None if a is None else a.copy() for a in inputs]
    with np.errstate(all="ignore"):
        y = op(*inputs, **options)
        ys = results(y)
        shapes = op.shape(*(None if a is None else a.shape for a in inputs), **options)
        assert [v.shape for v in ys] == (shapes if isinstance(y, tuple) else [shapes])
        for v in ys:
            assert type(v) is np.ndarray
            assert v.dtype == dtype
        dys = tuple(np.ones(v.shape, dtype) for v in ys)
        dy = dys if isinstance(y, tuple) else dys[0]
        cotangents = op.vjp(dy, *inputs, **options)
        shared_y, vjp = op.with_vjp(*inputs, **options)
        shared = vjp(dy)
        handed = op.vjp(dy, *inputs, y=y, **options)
    for one, other in zip(results(shared_y), ys, strict=True):
        assert_same(one, other)
    padded = [*inputs, *[None] * (len(op.names(len(inputs))) - len(inputs))]
    for a, c, s, h in zip(padded, cotangents, shared, handed, strict=True):
        if a is None or a.dtype.kind in "biu":
            assert c is None
            assert s is None
            continue
        assert type(c) is np.ndarray
        assert (c.shape, c.dtype) == (a.shape, a.dtype)
        # Handing over y changes nothing, however it is handed over (a half type rounds it).
        assert_same(s, h)
        if not is_half(np.dtype(dtype)):
            assert_same(c, h)
    given = [r for r in (*ys, *cotangents) if r is not None]
    for r in given:
        others = [*inputs, *dys, *(o for o in given if o is not r)]
        assert not any(o is not None and np.shares_memory(r, o) for o in others)
    for a, b in zip(inputs, before, strict=True):
        if a is not None:
            assert_same(a, b)


@OPS
def test_vjp_against_central_differences(op):
    cases = [c for c in SMOOTH if c.op == op.name]
    # Complex step, which is more exact, looks at every case of those that are analytic.
    each(op, cases[::4] if op.analytic else cases, check_central_differences)


def check_central_differences(op, case):
    inputs, options = arrays(case, "float64", 5)
    if all(a is None or a.dtype.kind in "biu" for a in inputs):
        y = op(*inputs, **options)
        assert op.vjp(np.ones_like(y), *inputs, **options) == (None,) * len(inputs)
        return
    found = rn.gradcheck(op, *inputs, rng=np.random.default_rng(1), **options)
    assert found.ok, found
    # The check can fail: a derivative that is off by a thousandth is not allowed.
    assert all(v < 1e-3 for v in found.allowed.values()), found.allowed


@OPS
def test_vjp_against_complex_step(op):
    if op.analytic:
        each(op, SMOOTH, check_complex_step)


def check_complex_step(op, case):
    inputs, options = arrays(case, "float64", 6)
    found = rn.gradcheck(op, *inputs, rng=np.random.default_rng(2), method="complex", **options)
    assert found.ok, found


@OPS
def test_documented(op):
    assert ">>>" in op.__doc__
    assert "VJP" in op.__doc__
    assert "Raises" in op.__doc__
    assert repr(op).startswith(f"refnet.{op.name}(")
    assert getattr(rn, op.name) is op


@OPS
def test_foreign_byte_order_is_accepted(op):
    case = next(c for c in CASES if c.op == op.name and c.regime == "typical")
    inputs, options = arrays(case, "float64", 0)
    foreign = [a if a is None else a.astype(a.dtype.newbyteorder(">")) for a in inputs]
    for one, other in zip(
        results(op(*foreign, **options)), results(op(*inputs, **options)), strict=True
    ):
        assert_same(one, other)


def test_analytic_says_which_take_complex_numbers():
    assert sorted(n for n, op in rn.ops().items() if not op.analytic) == [
        "abs",
        "clip",
        "elu",
        "global_max_pool2d",
        "hard_sigmoid",
        "hard_tanh",
        "hinge",
        "l1",
        "l1_penalty",
        "leaky_relu",
        "max",
        "max_pool2d",
        "maximum",
        "min",
        "minimum",
        "one_hot",
        "prelu",
        "relu",
        "selu",
        "step",
    ]
    for name, op in rn.ops().items():
        if not op.analytic:
            inputs = [np.ones(2)] * op.required
            with pytest.raises(DtypeError):
                op(*(a.astype(complex) for a in inputs))
            with pytest.raises(rn.OptionError, match=name):
                rn.gradcheck(op, *inputs, rng=np.random.default_rng(0), method="complex")


def _in(values, dtype):
    def cast(a):
        if isinstance(a, np.dtype):  # an option that is the cell's dtype
            return np.dtype(dtype)
        return a.astype(dtype) if isinstance(a, np.ndarray) and is_float(a.dtype) else a

    return [cast(a) for a in values]


def results(y):
    return y if isinstance(y, tuple) else (y,)


def assert_same(a, b):
    # NumPy's comparison does not know that bfloat16 has NaN.
    np.testing.assert_array_equal(widened(a), widened(b))
