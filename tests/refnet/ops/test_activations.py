"""relu, sigmoid, tanh, affine, identity and step; what all activations refuse."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError
from refnet.errors import ArgumentError
from refnet.layers.activation import ACTIVATIONS
from tests.error_inputs import ErrorInput, check_refused, refused

DTYPES = [np.float16, np.float32, np.float64, np.longdouble]


@pytest.mark.parametrize("dtype", DTYPES)
def test_relu_at_the_kink(dtype):
    x = np.array([-2, -0.0, 0, 3, np.nan, np.inf, -np.inf], dtype)
    y = rn.relu(x)
    np.testing.assert_array_equal(y, np.array([0, 0, 0, 3, np.nan, np.inf, 0], dtype))
    assert not np.signbit(y[[0, 1, 2, 6]]).any(), "a zero result is +0"
    dy = np.array([-5, 6, 7, -8, 9, np.inf, np.nan], dtype)
    (dx,) = rn.relu.vjp(dy, x)
    np.testing.assert_array_equal(dx, np.array([0, 0, 0, -8, 9, np.inf, 0], dtype))
    assert not np.signbit(dx[:3]).any()


def test_relu_keeps_layouts(rng):
    x = rng.standard_normal((6, 5))[::2, ::-1]
    np.testing.assert_array_equal(rn.relu(x), np.maximum(x, 0))
    (dx,) = rn.relu.vjp(x, x)
    np.testing.assert_array_equal(dx, np.maximum(x, 0))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_keeps_its_relative_accuracy(dtype):
    x = np.concatenate([np.linspace(-1000, 1000, 401), np.linspace(-110, -80, 61)]).astype(dtype)
    y = rn.sigmoid(x)
    with mpmath.workdps(60):
        exact = [1 / (1 + mpmath.exp(-mpmath.mpf(float(v)))) for v in x]
        info = np.finfo(dtype)
        for got, true in zip(y, exact, strict=True):
            gap = abs(mpmath.mpf(float(got)) - true)
            # 8 units of roundoff of exp, half of them once more, two roundings; and 4 ulp of a
            # subnormal exponential.
            assert gap <= 14 * info.eps / 2 * true + 5 * float(info.smallest_subnormal)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_at_the_ends(dtype):
    y = rn.sigmoid(np.array([-np.inf, -1000, 0, 1000, np.inf, np.nan], dtype))
    np.testing.assert_array_equal(y[[0, 2, 3, 4, 5]], np.array([0, 0.5, 1, 1, np.nan], dtype))
    if np.finfo(dtype).minexp > -2000:  # exp(-1000) is a number in the wider longdoubles
        assert y[1] == 0
    else:
        assert float(np.log(y[1])) == -1000


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"affine"}))
def test_no_activation_warns(name, dtype):
    # Warnings are errors here: neither end overflows, nor do the smallest numbers. (selu's scale
    # is above 1, so the largest number has no selu.)
    info = np.finfo(dtype)
    largest = info.max / 2
    x = np.array([-largest, -1e4, -800, -95, -info.tiny, -info.smallest_subnormal, 0], dtype)
    x = np.concatenate([x, -x])
    y = rn.ops()[name](x)
    (dx,) = rn.ops()[name].vjp(np.ones_like(x), x)
    assert np.isfinite(dx).all()
    # log_softmax's smallest results are differences of the largest numbers.
    assert np.isfinite(y).all() or (name == "log_softmax" and dtype == np.float16)


def test_tanh(rng):
    x, dy = rng.standard_normal((2, 3, 4))
    np.testing.assert_array_equal(rn.tanh(x), np.tanh(x))
    np.testing.assert_allclose(rn.tanh.vjp(dy, x)[0], dy / np.cosh(x) ** 2, rtol=1e-12)
    np.testing.assert_allclose(2 * rn.sigmoid(2 * x) - 1, rn.tanh(x), rtol=1e-12)


def test_affine(rng):
    x, dy = rng.standard_normal((2, 5))
    np.testing.assert_allclose(rn.affine(x, slope=2, intercept=-1), 2 * x - 1, rtol=1e-15)
    np.testing.assert_array_equal(rn.affine(x), x)
    np.testing.assert_array_equal(rn.affine.vjp(dy, x, slope=-3, intercept=1)[0], -3 * dy)
    assert rn.affine(x.astype(np.float32), slope=np.float64(0.1)).dtype == np.float32


def test_identity_copies(rng):
    x = rng.standard_normal(4)
    y = rn.identity(x)
    np.testing.assert_array_equal(x, y)
    assert not np.shares_memory(x, y)


def test_step():
    x = np.array([-1.0, -0.0, 0.0, 1e-300, np.nan])
    np.testing.assert_array_equal(rn.step(x), [0, 0, 0, 1, np.nan])
    np.testing.assert_array_equal(rn.step.vjp(np.ones(5), x)[0], np.zeros(5))


ELEMENTWISE = [rn.ops()[name] for name in ACTIVATIONS if "softmax" not in name]


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
@refused(
    [
        ErrorInput("integers", (np.arange(3),), {}, DtypeError, "int64"),
        ErrorInput("bools", (np.ones(3, bool),), {}, DtypeError, "bool"),
        ErrorInput("nothing", (), {}, ArgumentError, "0 positional"),
        ErrorInput("two inputs", (np.ones(1), np.ones(1)), {}, ArgumentError, "2 positional"),
        ErrorInput("unknown option", (np.ones(1),), {"alhpa": 1.0}, ArgumentError, "'alhpa'"),
    ]
)
def test_refuses(op, case):
    check_refused(op, case)


@refused(
    [
        ErrorInput("slope as text", (np.ones(1),), {"slope": "2"}, OptionError, "of type str"),
        ErrorInput("slope as bool", (np.ones(1),), {"slope": True}, OptionError, "of type bool"),
        ErrorInput("infinite slope", (np.ones(1),), {"slope": np.inf}, OptionError, "finite"),
        ErrorInput(
            "intercept not a number", (np.ones(1),), {"intercept": np.nan}, OptionError, "nan"
        ),
        ErrorInput(
            "intercept as array", (np.ones(1),), {"intercept": np.ones(1)}, OptionError, "ndarray"
        ),
    ]
)
def test_affine_refuses(case):
    check_refused(rn.affine, case)


@pytest.mark.parametrize(
    "op", [op for op in ELEMENTWISE if not op.analytic], ids=lambda op: op.name
)
def test_kinks_take_no_complex_numbers(op):
    with pytest.raises(DtypeError, match="complex128"):
        op(np.ones(2, complex))
