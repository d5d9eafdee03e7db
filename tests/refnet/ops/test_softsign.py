"""softsign."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused
from tests.exact import roundoffs

DTYPES = [np.float32, np.float64, np.longdouble]


@pytest.mark.parametrize("dtype", DTYPES)
def test_against_mpmath(dtype, rng):
    x = (rng.standard_normal(200) * 10.0 ** rng.uniform(-30, 18, 200)).astype(dtype)
    assert roundoffs(rn.softsign(x), x, lambda v: v / (1 + abs(v))) <= 2
    # Also far out, where the quotient rule's difference would cancel.
    (dx,) = rn.softsign.vjp(np.ones_like(x), x)
    assert roundoffs(dx, x, lambda v: 1 / (1 + abs(v)) ** 2) <= 4.01


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
def test_ends(dtype):
    x = np.array([-np.inf, np.finfo(dtype).min, -0.0, 0, np.finfo(dtype).max, np.inf, np.nan])
    with np.errstate(over="ignore"):
        x = x.astype(dtype)
    y = rn.softsign(x)
    np.testing.assert_array_equal(y, np.array([-1, -1, 0, 0, 1, 1, np.nan], dtype))
    assert np.signbit(y[:4]).tolist() == [True, True, True, False]
    (dx,) = rn.softsign.vjp(np.ones_like(x), x)
    np.testing.assert_array_equal(dx, np.array([0, 0, 1, 1, 0, 0, np.nan], dtype))


def test_complex_step_at_both_sides_and_at_0():
    x = np.array([-2.0, -0.0, 0.0, 3.0])
    slope = rn.softsign(x + 1e-20j).imag / 1e-20
    np.testing.assert_allclose(slope, [1 / 9, 1, 1, 1 / 16], rtol=1e-14)


X = np.ones(3)


@refused(
    [
        ErrorInput("an option", (X,), {"beta": 1.0}, ArgumentError, "no options"),
        ErrorInput("torch's inplace", (X,), {"inplace": True}, ArgumentError, "'inplace'"),
        ErrorInput("text", (np.array(["1"]),), {}, DtypeError, "<U1"),
        ErrorInput("objects", (np.array([None]),), {}, DtypeError, "object"),
        ErrorInput("ragged rows", ([[1.0], [1.0, 2.0]],), {}, ShapeError, "ragged"),
        ErrorInput("masked", (np.ma.masked_array(X),), {}, DtypeError, "masked"),
    ]
)
def test_refuses(case):
    check_refused(rn.softsign, case)
