"""exp, log, sqrt, sin and cos."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError
from refnet.errors import ArgumentError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused
from tests.exact import roundoffs

DTYPES = [np.float16, np.float32, np.float64, np.longdouble]
OPS = [rn.exp, rn.log, rn.sqrt, rn.sin, rn.cos]
# Small ones, ones next to multiples of pi / 2, and huge ones.
ANGLES = np.concatenate(
    [
        np.linspace(-9, 9, 201),
        np.pi / 2 * np.arange(1, 200),
        np.logspace(-44, 38, 200),
        [355, 71476],
    ]
)
inf, nan = np.inf, np.nan


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("op", "function", "x"),
    [
        (rn.exp, mpmath.exp, np.concatenate([np.linspace(-103, 88, 383), [1e-30, -1e-30]])),
        (rn.log, mpmath.log, np.concatenate([np.logspace(-44, 38, 331), 1 + np.logspace(-7, -1)])),
        (rn.sqrt, mpmath.sqrt, np.logspace(-44, 38, 331)),
        (rn.sin, mpmath.sin, ANGLES),
        (rn.cos, mpmath.cos, ANGLES),
    ],
    ids=["exp", "log", "sqrt", "sin", "cos"],
)
def test_against_mpmath(op, function, x, dtype):
    x = x.astype(dtype)
    info = np.finfo(dtype)
    u = 0.5 if op is rn.sqrt else 4  # units of the last place
    with mpmath.workdps(40):
        for v, y in zip(x, op(x), strict=True):
            true = function(mpmath.mpf(float(v)))
            gap = abs(mpmath.mpf(float(y)) - true)
            assert gap <= u * (info.eps * abs(true) + float(info.smallest_subnormal)), v


@pytest.mark.parametrize("dtype", DTYPES)
def test_ends(dtype):
    x = np.array([0, -0.0, -1, inf, -inf, nan, 1], dtype)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(rn.log(x), [-inf, -inf, nan, inf, nan, nan, 0])
        root = rn.sqrt(x)
    np.testing.assert_array_equal(root, [0, 0, nan, inf, nan, nan, 1])
    assert np.signbit(root[:2]).tolist() == [False, True]
    np.testing.assert_array_equal(rn.exp(x[[0, 1, 3, 4, 5]]), [1, 1, inf, 0, nan])


def test_cotangents_at_zero_and_outside_the_domain():
    x, dy = np.array([0, -0.0, -2, 4]), np.array([1.0, 1, 3, -2])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(rn.log.vjp(dy, x)[0], [inf, -inf, -1.5, -0.5])
        np.testing.assert_array_equal(rn.sqrt.vjp(dy, x)[0], [inf, -inf, nan, -0.5])


@pytest.mark.parametrize("dtype", DTYPES)
def test_sine_and_cosine_at_zeros_infinities_and_nan(dtype):
    x = np.array([0, -0.0, inf, -inf, nan], dtype)
    with np.errstate(invalid="ignore"):
        y, vjp = rn.sin.with_vjp(x)
        np.testing.assert_array_equal(rn.cos(x), [1, 1, nan, nan, nan])
        np.testing.assert_array_equal(vjp(np.full(5, -2, dtype))[0], [-2, -2, nan, nan, nan])
    np.testing.assert_array_equal(y, [0, 0, nan, nan, nan])
    assert np.signbit(y[:2]).tolist() == [False, True]


@pytest.mark.parametrize("dtype", [np.float64, np.longdouble])
def test_huge_arguments_lose_nothing(dtype):
    x = np.ldexp(np.array([1.1, -1.7, 1.3], dtype), [60, 500, 1000])
    for op, function in ((rn.sin, mpmath.sin), (rn.cos, mpmath.cos)):
        assert roundoffs(op(x), x, function) < 4
    np.testing.assert_allclose(rn.square(rn.sin(x)) + rn.square(rn.cos(x)), 1, rtol=1e-15)


def test_what_warns_and_what_does_not():
    # Warnings are errors here. Small results are silent, and so are ordinary arguments.
    rn.exp(np.array([-1e4, -745.0, 709.0]))
    rn.log(np.array([5e-324, 1e308]))
    rn.sqrt(np.array([0.0, 5e-324, 1e308]))
    rn.sin(np.array([0.0, 5e-324, 1e308, nan]))
    for op, x in (
        (rn.sin, inf),
        (rn.cos, -inf),
        (rn.exp, 710.0),
        (rn.log, 0.0),
        (rn.log, -1.0),
        (rn.sqrt, -1.0),
    ):
        with pytest.warns(RuntimeWarning, match="overflow|divide by zero|invalid"):
            op(np.array(x))


def test_inverses(rng):
    x = rng.uniform(0.1, 5, 50)
    np.testing.assert_allclose(rn.log(rn.exp(x)), x, rtol=1e-14)
    np.testing.assert_allclose(rn.square(rn.sqrt(x)), x, rtol=1e-15)
    np.testing.assert_allclose(rn.exp(0.5 * rn.log(x)), rn.sqrt(x), rtol=1e-14)


def test_float16_rounds_once():
    x = np.linspace(0.1, 10, 500).astype(np.float16)
    for op in OPS:
        function = getattr(np, op.name)
        np.testing.assert_array_equal(op(x), function(x.astype(np.float64)).astype(np.float16))


def test_complex_arguments_have_the_principal_value():
    z = np.array([1 + 2j, -3 + 0.5j, -1 - 1j])
    np.testing.assert_allclose(rn.exp(rn.log(z)), z, rtol=1e-14)
    np.testing.assert_allclose(rn.sqrt(z) ** 2, z, rtol=1e-14)
    assert (rn.sqrt(z).real > 0).all()


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
@refused(
    [
        ErrorInput("integers", (np.arange(3),), {}, DtypeError, "int64"),
        ErrorInput("bools", (np.ones(3, bool),), {}, DtypeError, "bool"),
        ErrorInput("ragged", ([[1.0], [1.0, 2.0]],), {}, ShapeError, "ragged"),
        ErrorInput("masked", (np.ma.masked_array([1.0]),), {}, DtypeError, "masked array"),
        ErrorInput("nothing", (), {}, ArgumentError, "0 positional"),
        ErrorInput("two inputs", (np.ones(1), np.ones(1)), {}, ArgumentError, "2 positional"),
        ErrorInput("base", (np.ones(1),), {"base": 2}, ArgumentError, "no options"),
    ]
)
def test_refuses(op, case):
    check_refused(op, case)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_vjp_refuses(op):
    x = np.ones((2, 3))
    for dy, error in ((np.ones((3, 2)), ShapeError), (np.ones((2, 3), np.float32), DtypeError)):
        with pytest.raises(error, match=op.name):
            op.vjp(dy, x)
