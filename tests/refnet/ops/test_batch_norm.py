from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from refnet.ops import batch_norm as module
from tests.error_inputs import ErrorInput, check_refused, refused


def plain(x, gamma, beta, eps):
    """x (N, C), in as few words as possible."""
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta


def test_values_by_mpmath(rng):
    x = rng.standard_normal((7, 2)) + 10
    gamma, beta = rng.standard_normal((2, 2))
    mean, var = rng.standard_normal(2), rng.random(2)
    y, new_mean, new_var = rn.batch_norm(x, gamma, beta, mean, var, momentum=0.25, eps=1e-3)
    with mpmath.workdps(40):
        for c in range(2):
            values = [mpmath.mpf(float(v)) for v in x[:, c]]
            m = mpmath.fsum(values) / 7
            v = mpmath.fsum((t - m) ** 2 for t in values) / 7
            for t, got in zip(values, y[:, c], strict=True):
                h = (t - m) / mpmath.sqrt(v + mpmath.mpf(1e-3))
                assert abs(float(gamma[c]) * h + float(beta[c]) - float(got)) < 1e-13
            assert abs(0.75 * float(mean[c]) + 0.25 * m - float(new_mean[c])) < 1e-14
            assert abs(0.75 * float(var[c]) + 0.25 * v * 7 / 6 - float(new_var[c])) < 1e-14


@pytest.mark.parametrize("shape", [(13, 3), (4, 5, 3), (3, 4, 5, 2), (2, 3, 4, 5, 2), (64, 2)])
def test_layouts_and_spatial_axes(rng, shape):
    x, dy = rng.standard_normal((2, *shape)) + 1
    c = shape[-1]
    gamma, beta = rng.standard_normal((2, c))
    y, vjp = rn.batch_norm.with_vjp(x, gamma, beta)
    rows = plain(x.reshape(-1, c), gamma, beta, 1e-5)
    np.testing.assert_allclose(y.reshape(-1, c), rows, rtol=1e-11, atol=1e-12)
    first, first_vjp = rn.batch_norm.with_vjp(np.moveaxis(x, -1, 1), gamma, beta, layout="NCHW")
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), y, rtol=1e-11, atol=1e-12)
    dx, *parameters = vjp(dy)
    first_dx, *first_parameters = first_vjp(np.moveaxis(dy, -1, 1))
    np.testing.assert_allclose(np.moveaxis(first_dx, 1, -1), dx, atol=1e-12)
    np.testing.assert_allclose(first_parameters[:2], parameters[:2], atol=1e-12)


@pytest.mark.parametrize("rows", [1, 2, 1021, 1024, 4096])
@pytest.mark.parametrize("block", [64, 1 << 18])
def test_blocks_and_folds_do_not_matter(rng, monkeypatch, rows, block):
    """Whatever the number of rows has as divisors, and however many blocks there are."""
    monkeypatch.setattr(module, "BLOCK", block)
    x, dy = rng.standard_normal((2, 2, rows, 3))
    gamma, beta = rng.standard_normal((2, 3))
    y, vjp = rn.batch_norm.with_vjp(x, gamma, beta)
    wanted = plain(x.reshape(-1, 3), gamma, beta, 1e-5).reshape(x.shape)
    np.testing.assert_allclose(y, wanted, rtol=1e-10, atol=1e-10)
    dx, dgamma, dbeta, *_ = vjp(dy)
    np.testing.assert_allclose(dbeta, dy.sum((0, 1)), atol=1e-10)
    h = (wanted - beta) / gamma
    np.testing.assert_allclose(dgamma, (dy * h).sum((0, 1)), atol=1e-9)
    r = 1 / np.sqrt(x.var((0, 1)) + 1e-5)
    inner = dy - dy.mean((0, 1)) - h * (dy * h).mean((0, 1))
    np.testing.assert_allclose(dx, gamma * r * inner, atol=1e-9)


def test_a_long_sum_around_a_large_mean_loses_nothing(rng):
    x = (rng.standard_normal((50_000, 3)) + 100).astype(np.float32)
    y, mean, var = rn.batch_norm(
        x, None, None, *np.array([[0, 0, 0], [1, 1, 1]], np.float32), momentum=1.0
    )
    wide = x.astype(np.float64)
    # Half a unit in the last place of the mean is 4e-6; a plain sum is off by up to 0.3.
    np.testing.assert_allclose(y, plain(wide, 1, 0, 1e-5), atol=2e-5)
    np.testing.assert_allclose(mean, wide.mean(0), rtol=2.0**-23)
    np.testing.assert_allclose(var, wide.var(0, ddof=1), rtol=1e-5)


def test_a_constant_channel_has_no_variance():
    x = np.full((1000, 2), 0.1, np.float32)
    zero, one = np.zeros(2, np.float32), np.ones(2, np.float32)
    y, mean, var = rn.batch_norm(x, None, np.array([3, 4], np.float32), zero, one, momentum=1.0)
    np.testing.assert_allclose(y, [[3, 4]] * 1000, atol=1e-4)
    np.testing.assert_allclose(mean, 0.1, rtol=1e-6)
    assert (var >= 0).all()
    assert (var < 1e-12).all()


X = np.array([[1.0, 10.0], [3.0, 50.0]])
OLD = np.array([4.0, 8.0]), np.array([2.0, 6.0])


@pytest.mark.parametrize(
    ("options", "mean", "var"),
    [
        ({}, [3.8, 10.2], [2.0, 85.4]),
        ({"unbiased": False}, [3.8, 10.2], [1.9, 45.4]),
        ({"momentum": 0.75, "momentum_of": "old"}, [3.5, 13.5], [2.0, 204.5]),
        # Keras, and ONNX's training mode with its default momentum.
        ({"momentum": 0.9, "momentum_of": "old", "unbiased": False}, [3.8, 10.2], [1.9, 45.4]),
        ({"momentum": 1.0}, [2, 30], [2, 800]),
        ({"momentum": 0.0}, [4, 8], [2, 6]),
    ],
)
def test_running_statistics(options, mean, var):
    y, new_mean, new_var = rn.batch_norm(X, None, None, *OLD, **options)
    np.testing.assert_allclose(y, rn.batch_norm(X))
    np.testing.assert_allclose(new_mean, mean, rtol=1e-14)
    np.testing.assert_allclose(new_var, var, rtol=1e-14)
    dys = (np.zeros((2, 2)), np.array([1.0, 2.0]), np.array([3.0, 5.0]))
    dx, _, _, dmean, dvar = rn.batch_norm.vjp(dys, X, None, None, *OLD, **options)
    kept = (new_mean - X.mean(0)) / (OLD[0] - X.mean(0))
    np.testing.assert_allclose(dmean, kept * dys[1], atol=1e-14)
    np.testing.assert_allclose(dvar, kept * dys[2], atol=1e-14)
    k = 1 if options.get("unbiased", True) else 2
    wanted = (1 - kept) * (dys[1] / 2 + 2 * dys[2] * (X - X.mean(0)) / k)
    np.testing.assert_allclose(dx, wanted, atol=1e-12)


def test_inference():
    gamma, beta = np.array([2.0, 3.0]), np.array([1.0, -1.0])
    y = rn.batch_norm(X, gamma, beta, *OLD, training=False, eps=0.5)
    np.testing.assert_allclose(y, gamma * (X - OLD[0]) / np.sqrt(OLD[1] + 0.5) + beta)
    one = rn.batch_norm(X[:1], gamma, beta, *OLD, training=False, eps=0.5)
    np.testing.assert_array_equal(one, y[:1])
    none = rn.batch_norm(X[:0], gamma, beta, *OLD, training=False)
    assert none.shape == (0, 2)


def test_edges():
    y, mean, var = rn.batch_norm(np.ones((4, 0)), None, None, np.ones(0), np.ones(0))
    assert (y.shape, mean.shape, var.shape) == ((4, 0), (0,), (0,))
    np.testing.assert_array_equal(rn.batch_norm(np.array([[1.0], [3.0]]), eps=0.0), [[-1], [1]])
    with np.errstate(invalid="ignore"):
        x = np.array([[1.0, np.nan, np.inf, -1.0], [3.0, 0.0, 0.0, 1.0]])
        y, mean, _ = rn.batch_norm(x, None, None, np.zeros(4), np.ones(4), momentum=1.0, eps=0.0)
    np.testing.assert_array_equal(y, [[-1, np.nan, np.nan, -1], [1, np.nan, np.nan, 1]])
    np.testing.assert_array_equal(mean, [2, np.nan, np.inf, 0])
    # A NaN among the running variances passes, as NaN does everywhere.
    y = rn.batch_norm(X, None, None, np.zeros(2), np.array([np.nan, 1]), training=False)
    assert np.isnan(y[:, 0]).all()
    assert np.isfinite(y[:, 1]).all()


def test_a_cotangent_of_none_is_zero(rng):
    dy = rng.standard_normal((2, 2))
    full = rn.batch_norm.vjp((dy, np.zeros(2), np.zeros(2)), X, None, None, *OLD)
    short = rn.batch_norm.vjp((dy, None, None), X, None, None, *OLD)
    np.testing.assert_array_equal(full[0], short[0])
    np.testing.assert_array_equal(short[0], rn.batch_norm.vjp(dy, X)[0])


P = np.ones(2)
M, V = OLD
INFERENCE = {"training": False}


@refused(
    [
        ErrorInput("one value per channel", (X[:1],), {}, ShapeError, "at least 2 values"),
        ErrorInput("no samples", (X[:0],), {}, ShapeError, r"0 value\(s\) per channel"),
        ErrorInput(
            "one value, NCHW",
            (np.ones((1, 3, 1, 1)),),
            {"layout": "NCHW"},
            ShapeError,
            r"1 value\(s\)",
        ),
        ErrorInput("a vector", (P,), {}, ShapeError, "batch axis"),
        ErrorInput("gamma of the batch", (X, np.ones(3)), {}, ShapeError, r"gamma \(3,\)"),
        ErrorInput("beta as a row", (X, P, np.ones((1, 2))), {}, ShapeError, r"beta \(1, 2\)"),
        ErrorInput(
            "running_mean too long", (X, P, P, np.ones(3), V), {}, ShapeError, "running_mean"
        ),
        ErrorInput("a scalar", (X, P, P, M, np.float64(1)), {}, ShapeError, r"running_var \(\)"),
        ErrorInput(
            "the other layout",
            (np.ones((3, 2, 5)), P),
            {},
            ShapeError,
            "Is the layout the other one",
        ),
        ErrorInput("mean alone", (X, P, P, M), {}, ArgumentError, "running_mean alone"),
        ErrorInput("variance alone", (X, P, P, None, V), {}, ArgumentError, "running_var alone"),
        ErrorInput("inference without", (X, P, P), INFERENCE, ArgumentError, "training=False"),
        ErrorInput("negative variance", (X, P, P, M, -V), {}, DomainError, "swapped"),
        ErrorInput("negative, inference", (X, P, P, M, -V), INFERENCE, DomainError, "-2.0"),
        ErrorInput("momentum above 1", (X,), {"momentum": 1.1}, OptionError, r"\[0, 1\]"),
        ErrorInput("no momentum", (X,), {"momentum": None}, OptionError, "NoneType"),
        ErrorInput("momentum of both", (X,), {"momentum_of": "both"}, OptionError, "'new', 'old'"),
        ErrorInput("negative eps", (X,), {"eps": -1e-5}, OptionError, "eps"),
        ErrorInput("unknown layout", (X,), {"layout": "nhwc"}, OptionError, "'NHWC', 'NCHW'"),
        ErrorInput("training as int", (X,), {"training": 1}, OptionError, "of type int"),
        ErrorInput("unbiased as text", (X,), {"unbiased": "no"}, OptionError, "of type str"),
        ErrorInput("dtypes", (X, P.astype("f4")), {}, DtypeError, "gamma of dtype float32"),
        ErrorInput("integers", (np.ones((3, 2), int),), {}, DtypeError, "int64"),
        ErrorInput("statistics by keyword", (X,), {"running_mean": M}, ArgumentError, "an input"),
    ]
)
def test_refuses(case):
    check_refused(rn.batch_norm, case)


@refused(
    [
        ErrorInput("dy as one", (np.ones((2, 2)), X, P, P, M, V), {}, ShapeError, "tuple of 3"),
        ErrorInput("dy as pair", ((X, P), X, P, P, M, V), {}, ShapeError, "of 2 entries"),
        ErrorInput("negative", ((X, P, P), X, P, P, M, -V), {}, DomainError, "running_var"),
        ErrorInput("misshapen dy", (np.ones((3, 2)), X), {}, ShapeError, r"dy of shape \(3, 2\)"),
    ]
)
def test_vjp_refuses(case):
    check_refused(rn.batch_norm.vjp, case)
