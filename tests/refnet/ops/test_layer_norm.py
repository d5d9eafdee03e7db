from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

rows = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=3, min_side=2, max_side=5),
    elements=st.floats(-100, 100),
)


def test_values_by_mpmath(rng):
    x, gamma, beta = rng.standard_normal((3, 6)) + 10
    y = rn.layer_norm(x, gamma, beta, eps=1e-3)
    with mpmath.workdps(40):
        values = [mpmath.mpf(float(v)) for v in x]
        mean = mpmath.fsum(values) / 6
        variance = mpmath.fsum((v - mean) ** 2 for v in values) / 6
        for v, g, b, got in zip(values, gamma, beta, y, strict=True):
            wanted = float(g) * (v - mean) / mpmath.sqrt(variance + mpmath.mpf(1e-3)) + float(b)
            assert abs(wanted - float(got)) < 1e-13


def test_the_example_of_onnx():
    # LayerNormalization with axis=k is axis=tuple(range(k, ndim)), gamma of x's last shape.
    x = np.arange(24.0).reshape(2, 3, 4)
    for k, wanted in ((1, 11 / 2), (2, 3 / 2)):
        axis = tuple(range(k, 3))
        gamma = np.ones(x.shape[k:])
        y = rn.layer_norm(x, gamma, axis=axis, eps=0.0)
        n = gamma.size
        assert y.reshape(-1, n)[:, -1] == pytest.approx(wanted / np.sqrt((n * n - 1) / 12))


@given(rows)
def test_slices_have_mean_zero_and_variance_one(x):
    y = rn.layer_norm(x, eps=1e-9)
    deviation = x.std(axis=-1)
    seen = deviation > 1e-3
    np.testing.assert_allclose(y.mean(axis=-1)[seen], 0, atol=1e-9)
    np.testing.assert_allclose(y.std(axis=-1)[seen], 1, atol=1e-3)


@given(rows, st.sampled_from([-3.0, 0.5, 1024.0]))
def test_does_not_see_the_scale(x, scale):
    y, z = rn.layer_norm(x, eps=0.25), rn.layer_norm(scale * x, eps=0.25 * scale**2)
    np.testing.assert_allclose(z, np.sign(scale) * y, atol=1e-9)


def test_axes_are_sorted_and_may_be_anywhere(rng):
    x, dy = rng.standard_normal((2, 4, 3, 5))
    gamma, beta = rng.standard_normal((2, 4, 5))
    y, vjp = rn.layer_norm.with_vjp(x, gamma, beta, axis=(2, 0))
    last, last_vjp = rn.layer_norm.with_vjp(x.transpose(1, 0, 2), gamma, beta, axis=(1, 2))
    np.testing.assert_allclose(y, last.transpose(1, 0, 2), rtol=1e-12)
    dx, dgamma, dbeta = vjp(dy)
    ldx, ldgamma, ldbeta = last_vjp(dy.transpose(1, 0, 2))
    np.testing.assert_allclose(dx, ldx.transpose(1, 0, 2), atol=1e-12)
    np.testing.assert_allclose(dgamma, ldgamma, atol=1e-12)
    np.testing.assert_allclose(dbeta, ldbeta, atol=1e-12)


def test_a_large_mean_costs_no_more_than_its_rounding(rng):
    x = (rng.standard_normal((4, 64)) + 4096).astype(np.float32)
    exact = rn.layer_norm(x.astype(np.float64))
    # The mean of squares less the square of the mean would leave no digit.
    np.testing.assert_allclose(rn.layer_norm(x), exact, atol=64 * 2.0**-24 * 4096)


def test_edges():
    np.testing.assert_array_equal(rn.layer_norm(np.full((2, 3), 7.0)), np.zeros((2, 3)))
    np.testing.assert_array_equal(rn.layer_norm(np.ones((2, 1)), None, np.array([5.0])), [[5]] * 2)
    assert rn.layer_norm(np.ones((0, 3))).shape == (0, 3)
    assert rn.layer_norm(np.ones((3, 0)), eps=0.0).shape == (3, 0)
    dx, dgamma, _ = rn.layer_norm.vjp(np.ones((3, 0)), np.ones((3, 0)), np.ones(0))
    assert (dx.shape, dgamma.shape) == ((3, 0), (0,))
    with np.errstate(invalid="ignore"):
        y = rn.layer_norm(np.array([[1.0, np.inf], [np.nan, 2.0], [1.0, 3.0]]), eps=0.0)
    np.testing.assert_array_equal(y, [[np.nan] * 2, [np.nan] * 2, [-1, 1]])


def test_wrt_leaves_out_the_rest(rng):
    x, dy = rng.standard_normal((2, 4, 3))
    gamma = np.ones(3)
    assert [c is None for c in rn.layer_norm.vjp(dy, x, gamma, gamma, wrt=("gamma",))] == [
        True,
        False,
        True,
    ]


X, P = np.ones((4, 3)), np.ones(3)


@refused(
    [
        ErrorInput("no input", (), {}, ArgumentError, "0 positional"),
        ErrorInput("a scalar", (np.float64(1),), {}, OptionError, "an input with an axis"),
        ErrorInput("axis too large", (X,), {"axis": 2}, OptionError, "from -2 to 1"),
        ErrorInput("axis twice", (X,), {"axis": (1, -1)}, OptionError, "each axis once"),
        ErrorInput("no axis", (X,), {"axis": ()}, OptionError, "at least one axis"),
        ErrorInput("axis None", (X,), {"axis": None}, OptionError, "NoneType"),
        ErrorInput("axis as float", (X,), {"axis": 1.0}, OptionError, "of type float"),
        ErrorInput("axis as bool", (X,), {"axis": True}, OptionError, "of type bool"),
        ErrorInput("negative eps", (X,), {"eps": -1e-5}, OptionError, "eps=-1e-05"),
        ErrorInput("infinite eps", (X,), {"eps": np.inf}, OptionError, "finite"),
        ErrorInput("eps as text", (X,), {"eps": "1e-5"}, OptionError, "of type str"),
        ErrorInput("gamma of the batch", (X, np.ones(4)), {}, ShapeError, r"gamma of shape \(3,\)"),
        ErrorInput("gamma as a row", (X, np.ones((1, 3))), {}, ShapeError, r"gamma \(1, 3\)"),
        ErrorInput("beta of the batch", (X, P, np.ones(4)), {}, ShapeError, r"beta of shape"),
        ErrorInput("gamma of one axis", (X, P), {"axis": (0, 1)}, ShapeError, r"\(4, 3\)"),
        ErrorInput("dtypes", (X, P.astype(np.float32)), {}, DtypeError, "float32 beside x"),
        ErrorInput("eps as an input", (X, P, P, 1e-5), {}, ArgumentError, "4 positional"),
        ErrorInput("normalized_shape", (X,), {"normalized_shape": 3}, ArgumentError, "options out"),
    ]
)
def test_refuses(case):
    check_refused(rn.layer_norm, case)


def test_a_constant_slice_is_zero_though_its_mean_rounds():
    for n, value in ((7, 1e6 + 0.3), (1000, 123456.7)):
        x = np.full((1, n), value, np.float32)
        assert np.abs(rn.layer_norm(x)).max() < 1e-3
        assert np.abs(rn.group_norm(x, groups=1)).max() < 1e-3
