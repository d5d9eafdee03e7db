"""leaky_relu and prelu."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

DTYPES = [np.float16, np.float32, np.float64, np.longdouble]


@pytest.mark.parametrize("dtype", DTYPES)
def test_leaky_relu_at_the_kink(dtype):
    x = np.array([-2, -0.0, 0, 3, np.nan, np.inf, -np.inf], dtype)
    y = rn.leaky_relu(x, slope=0.25)
    np.testing.assert_array_equal(y, np.array([-0.5, 0, 0, 3, np.nan, np.inf, -np.inf], dtype))
    assert np.signbit(y[1:3]).tolist() == [True, False]
    dy = np.array([4, 4, 4, 4, 4, np.inf, -8], dtype)
    (dx,) = rn.leaky_relu.vjp(dy, x, slope=0.25)
    np.testing.assert_array_equal(dx, np.array([1, 1, 1, 4, 1, np.inf, -2], dtype))


def test_leaky_relu_special_slopes(rng):
    x = rng.standard_normal(20)
    np.testing.assert_array_equal(rn.leaky_relu(x), np.where(x > 0, x, 0.01 * x))
    np.testing.assert_array_equal(rn.leaky_relu(x, slope=0), rn.relu(x))
    np.testing.assert_array_equal(rn.leaky_relu(x, slope=1), x)
    np.testing.assert_array_equal(rn.leaky_relu(x, slope=-1), np.abs(x))


def test_leaky_relu_copies_what_a_product_would_overflow():
    x = np.array([1e300, -1.0])
    np.testing.assert_array_equal(rn.leaky_relu(x, slope=1e10), [1e300, -1e10])


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3), (0, 3)])
def test_prelu_by_channel_and_shared(rng, shape):
    x, dy = rng.standard_normal((2, *shape))
    a = rng.standard_normal(3)
    below = np.where(x > 0, 0, x)
    np.testing.assert_array_equal(rn.prelu(x, a), np.where(x > 0, x, a * x))
    dx, da = rn.prelu.vjp(dy, x, a)
    np.testing.assert_array_equal(dx, np.where(x > 0, dy, a * dy))
    np.testing.assert_allclose(da, (dy * below).reshape(-1, 3).sum(axis=0), rtol=1e-13)
    for one in (a[:1], a[0].reshape(())):
        np.testing.assert_array_equal(rn.prelu(x, one), rn.leaky_relu(x, slope=float(a[0])))
        dx, da = rn.prelu.vjp(dy, x, one)
        np.testing.assert_array_equal(dx, rn.leaky_relu.vjp(dy, x, slope=float(a[0]))[0])
        assert da.shape == one.shape
        np.testing.assert_allclose(da.sum(), (dy * below).sum(), rtol=1e-13)


@pytest.mark.parametrize(
    ("slopes", "over"),
    [
        ((4, 1, 1), (0, 2, 3)),  # channels first
        ((4, 3, 5), (0,)),  # one per element of a sample
        ((2, 1, 3, 1), (1, 3)),
        ((2, 4, 3, 5), ()),
        ((1, 1), (0, 1, 2, 3)),
    ],
)
def test_prelu_of_slopes_that_broadcast(rng, slopes, over):
    x, dy = rng.standard_normal((2, 2, 4, 3, 5))
    a = rng.standard_normal(slopes)
    np.testing.assert_array_equal(rn.prelu(x, a), np.where(x > 0, x, a * x))
    dx, da = rn.prelu.vjp(dy, x, a)
    np.testing.assert_array_equal(dx, np.where(x > 0, dy, a * dy))
    terms = np.where(x > 0, 0, dy * x)
    np.testing.assert_allclose(da, terms.sum(axis=over).reshape(slopes), rtol=1e-13)


def test_prelu_of_a_number_and_of_one_channel():
    assert rn.prelu(np.array(-2.0), np.array([0.5])).shape == ()
    dx, da = rn.prelu.vjp(np.array(3.0), np.array(-2.0), np.array([0.5]))
    assert (dx, da.tolist()) == (1.5, [-6.0])
    dx, da = rn.prelu.vjp(np.ones((2, 1)), np.array([[-2.0], [4.0]]), np.array([0.5]))
    assert (dx.tolist(), da.tolist()) == ([[0.5], [1.0]], [-2.0])


def test_prelu_at_the_kink_and_beyond():
    x = np.array([[0.0, -0.0, np.nan, np.inf, -np.inf]])
    a = np.full(5, 0.5)
    np.testing.assert_array_equal(rn.prelu(x, a), [[0, 0, np.nan, np.inf, -np.inf]])
    dx, da = rn.prelu.vjp(np.full((1, 5), 4.0), x, a)
    np.testing.assert_array_equal(dx, [[2, 2, 2, 4, 2]])
    np.testing.assert_array_equal(da, [0, 0, np.nan, 0, -np.inf])
    # A cotangent that is not finite does not reach the slopes through what is copied.
    np.testing.assert_array_equal(rn.prelu.vjp(np.array([np.inf]), np.ones(1), np.ones(1))[1], [0])


X = np.ones((2, 3))


@refused(
    [
        ErrorInput("slope as text", (X,), {"slope": "0.1"}, OptionError, "of type str"),
        ErrorInput("slope as bool", (X,), {"slope": True}, OptionError, "of type bool"),
        ErrorInput("infinite slope", (X,), {"slope": -np.inf}, OptionError, "finite"),
        ErrorInput("slope not a number", (X,), {"slope": np.nan}, OptionError, "nan"),
        ErrorInput("slope as array", (X,), {"slope": np.ones(3)}, OptionError, "ndarray"),
        ErrorInput("no slope", (X,), {"slope": None}, OptionError, "NoneType"),
        ErrorInput("slope by position", (X, 0.1), {}, ArgumentError, "2 positional"),
        ErrorInput("torch's name", (X,), {"negative_slope": 0.1}, ArgumentError, "negative_slope"),
        ErrorInput("ragged rows", ([[1.0], [1.0, 2.0]],), {}, ShapeError, "ragged"),
        ErrorInput("masked", (np.ma.masked_array(X),), {}, DtypeError, "masked"),
    ]
)
def test_leaky_relu_refuses(case):
    check_refused(rn.leaky_relu, case)


@refused(
    [
        ErrorInput("two slopes for three", (X, np.ones(2)), {}, ShapeError, r"a \(2,\)"),
        ErrorInput("slopes beyond x", (X, np.ones((1, 2, 3))), {}, ShapeError, r"\(1, 2, 3\)"),
        ErrorInput("x stretched", (X[:1], np.ones((2, 3))), {}, ShapeError, r"x \(1, 3\)"),
        ErrorInput("channels first", (X, np.ones(2)), {}, ShapeError, "last axis"),
        ErrorInput("channels of a number", (np.ones(()), np.ones(2)), {}, ShapeError, r"x \(\)"),
        ErrorInput("no slopes", (X, np.ones(0)), {}, ShapeError, r"a \(0,\)"),
        ErrorInput("dtypes differ", (X, np.ones(3, np.float32)), {}, DtypeError, "one dtype"),
        ErrorInput("a Python number", (X.astype(np.float32), 0.25), {}, DtypeError, "float64"),
        ErrorInput("integer slopes", (X, np.ones(3, int)), {}, DtypeError, "a of dtype int"),
        ErrorInput("integer x", (np.ones(3, int), np.ones(3)), {}, DtypeError, "x of dtype int"),
        ErrorInput("complex", (X + 0j, np.ones(3) + 0j), {}, DtypeError, "complex128"),
        ErrorInput("no a", (X,), {}, ArgumentError, "1 positional"),
        ErrorInput("a by keyword", (X,), {"a": np.ones(3)}, ArgumentError, "positional"),
    ]
)
def test_prelu_refuses(case):
    check_refused(rn.prelu, case)


def test_prelu_vjp_refuses_another_shape():
    with pytest.raises(ShapeError, match="dy"):
        rn.prelu.vjp(np.ones(3), X, np.ones(3))
