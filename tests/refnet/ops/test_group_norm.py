from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused


def by_hand(x, gamma, beta, groups, eps):
    """x (N, C, ...), a sample and a group at a time."""
    y = np.empty_like(x)
    size = x.shape[1] // groups
    for n in range(len(x)):
        for k in range(groups):
            members = slice(k * size, (k + 1) * size)
            values = x[n, members]
            h = (values - values.mean()) / np.sqrt(values.var() + eps)
            per_channel = (size,) + (1,) * (x.ndim - 2)
            y[n, members] = h * gamma[members].reshape(per_channel)
            y[n, members] += beta[members].reshape(per_channel)
    return y


@pytest.mark.parametrize("shape", [(5, 6), (2, 6, 7), (3, 6, 4, 5), (2, 6, 2, 3, 4)])
@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_values(rng, shape, groups):
    if len(shape) == 2 and groups == 6:  # one value per group
        return
    x = rng.standard_normal(shape) + 2
    gamma, beta = rng.standard_normal((2, 6))
    wanted = by_hand(x, gamma, beta, groups, 1e-3)
    y = rn.group_norm(x, gamma, beta, groups=groups, eps=1e-3, layout="NCHW")
    np.testing.assert_allclose(y, wanted, rtol=1e-10, atol=1e-12)
    last = rn.group_norm(np.moveaxis(x, 1, -1), gamma, beta, groups=groups, eps=1e-3)
    np.testing.assert_allclose(np.moveaxis(last, -1, 1), wanted, rtol=1e-10, atol=1e-12)


def test_both_layouts_have_the_same_cotangents(rng):
    x, dy = rng.standard_normal((2, 3, 6, 4, 5))
    gamma, beta = rng.standard_normal((2, 6))
    dx, dgamma, dbeta = rn.group_norm.vjp(dy, x, gamma, beta, groups=2, layout="NCHW")
    last = rn.group_norm.vjp(np.moveaxis(dy, 1, -1), np.moveaxis(x, 1, -1), gamma, beta, groups=2)
    np.testing.assert_allclose(np.moveaxis(last[0], -1, 1), dx, atol=1e-12)
    np.testing.assert_allclose(last[1], dgamma, atol=1e-12)
    np.testing.assert_allclose(last[2], dbeta, atol=1e-12)


def test_one_group_is_layer_norm_and_a_group_per_channel_instance_norm(rng):
    x = rng.standard_normal((3, 4, 5, 6))
    np.testing.assert_allclose(
        rn.group_norm(x, groups=1), rn.layer_norm(x, axis=(1, 2, 3)), atol=1e-13
    )
    np.testing.assert_allclose(
        rn.group_norm(x, groups=6), rn.layer_norm(x, axis=(1, 2)), atol=1e-13
    )


def test_edges():
    one = rn.group_norm(np.ones((2, 3)), None, np.arange(3.0), groups=3)
    np.testing.assert_array_equal(one, [[0, 1, 2]] * 2)
    assert rn.group_norm(np.ones((0, 2, 4)), groups=2).shape == (0, 2, 4)
    assert rn.group_norm(np.ones((2, 0, 4)), groups=2, eps=0.0).shape == (2, 0, 4)
    x = np.ones((2, 4, 0))
    dx, dgamma, _ = rn.group_norm.vjp(x, x, np.ones(4), groups=2, layout="NCHW")
    assert dx.shape == x.shape
    np.testing.assert_array_equal(dgamma, np.zeros(4))


X, P = np.ones((2, 3, 5, 4)), np.ones(4)
TWO = {"groups": 2}


@refused(
    [
        ErrorInput("no groups", (X,), {}, ArgumentError, "'groups'"),
        ErrorInput("groups by position", (X, 2), {}, DtypeError, "gamma of dtype int64"),
        ErrorInput("groups that leave a rest", (X,), {"groups": 3}, OptionError, "4 channels"),
        ErrorInput("more groups", (X,), {"groups": 8}, OptionError, "divide"),
        ErrorInput("zero groups", (X,), {"groups": 0}, OptionError, "at least 1"),
        ErrorInput("negative groups", (X,), {"groups": -2}, OptionError, "at least 1"),
        ErrorInput("half a group", (X,), {"groups": 0.5}, OptionError, "of type float"),
        ErrorInput("groups as bool", (X,), {"groups": True}, OptionError, "of type bool"),
        ErrorInput("the other layout", (X,), {**TWO, "layout": "NCHW"}, OptionError, "layout"),
        ErrorInput("unknown layout", (X,), {**TWO, "layout": "NHCW"}, OptionError, "'NCHW'"),
        ErrorInput("a vector", (np.ones(4),), TWO, ShapeError, "batch axis"),
        ErrorInput("gamma per group", (X, np.ones(2)), TWO, ShapeError, "one value per channel"),
        ErrorInput("beta as a row", (X, P, np.ones((1, 4))), TWO, ShapeError, r"beta \(1, 4\)"),
        ErrorInput("negative eps", (X,), {**TWO, "eps": -1.0}, OptionError, "eps=-1.0"),
        ErrorInput("eps not a number", (X,), {**TWO, "eps": np.nan}, OptionError, "nan"),
        ErrorInput("dtypes", (X, P.astype(np.float16)), TWO, DtypeError, "float16 beside x"),
        ErrorInput("integers", (np.ones((2, 4), int),), TWO, DtypeError, "int64"),
    ]
)
def test_refuses(case):
    check_refused(rn.group_norm, case)
