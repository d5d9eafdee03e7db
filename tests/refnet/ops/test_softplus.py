"""softplus."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused
from tests.exact import roundoffs

DTYPES = [np.float32, np.float64, np.longdouble]
LEFT = {np.float32: -106, np.float64: -750, np.longdouble: -750}


@pytest.mark.parametrize("dtype", DTYPES)
def test_against_mpmath(dtype, rng):
    x = np.concatenate(
        [rng.uniform(LEFT[dtype], 60, 200), rng.uniform(-5, 25, 200), [0, -0.0, 1e-30]]
    ).astype(dtype)
    assert roundoffs(rn.softplus(x), x, lambda v: mpmath.log1p(mpmath.exp(v))) < 10
    (dx,) = rn.softplus.vjp(np.ones_like(x), x)
    assert roundoffs(dx, x, lambda v: 1 / (1 + mpmath.exp(-v))) < 10


@pytest.mark.parametrize("dtype", DTYPES)
def test_beta_against_mpmath(dtype, rng):
    x = rng.uniform(-6, 20, 200).astype(dtype)
    for beta in (0.25, 4):
        y = rn.softplus(x, beta=beta)
        limit = 10 + 6 * beta  # the exponent's rounding error counts beta |x| times
        assert roundoffs(y, x, lambda v, b=beta: mpmath.log1p(mpmath.exp(b * v)) / b) < limit


def test_there_is_no_threshold():
    # 21 is beyond PyTorch's, which returns 21.
    assert rn.softplus(np.array([21.0]))[0] == 21 + 7.582560427911907e-10


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
def test_ends(dtype):
    x = np.array([-np.inf, np.finfo(dtype).min, np.finfo(dtype).max, np.inf, np.nan])
    with np.errstate(over="ignore"):
        x = x.astype(dtype)
    for beta in (1, 0.1, 50.0):
        y = rn.softplus(x, beta=beta)
        expected = np.array([0, 0, np.finfo(dtype).max, np.inf, np.nan], dtype)
        np.testing.assert_array_equal(y, expected)
        (dx,) = rn.softplus.vjp(np.ones_like(x), x, beta=beta)
        np.testing.assert_array_equal(dx, np.array([0, 0, 1, 1, np.nan], dtype))


X = np.ones(3)


@refused(
    [
        ErrorInput("beta 0", (X,), {"beta": 0.0}, OptionError, r"in \(0, inf\)"),
        ErrorInput("negative beta", (X,), {"beta": -1.0}, OptionError, "sign"),
        ErrorInput("infinite beta", (X,), {"beta": np.inf}, OptionError, "finite"),
        ErrorInput("beta not a number", (X,), {"beta": np.nan}, OptionError, "nan"),
        ErrorInput("beta as text", (X,), {"beta": "1"}, OptionError, "of type str"),
        ErrorInput("beta as bool", (X,), {"beta": True}, OptionError, "of type bool"),
        ErrorInput("beta as array", (X,), {"beta": X}, OptionError, "ndarray"),
        ErrorInput("torch's threshold", (X,), {"threshold": 20}, ArgumentError, "'threshold'"),
        ErrorInput("beta by position", (X, 2.0), {}, ArgumentError, "2 positional"),
        ErrorInput("text", (np.array(["1"]),), {}, DtypeError, "<U1"),
    ]
)
def test_refuses(case):
    check_refused(rn.softplus, case)
