from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, DtypeError, OptionError
from tests.error_inputs import ErrorInput, check_refused, refused

W = np.array([[1.5, -2.0], [0.0, 0.5], [-0.25, 3.0]])
BOTH = {"l1_penalty": rn.l1_penalty, "l2_penalty": rn.l2_penalty}


@pytest.mark.parametrize("strength", [0.0, 0.1, 1, 2.5])
def test_values_and_vjps(strength):
    dy = np.array(-3.0)
    np.testing.assert_allclose(rn.l1_penalty(W, strength=strength), strength * 7.25, rtol=1e-15)
    (dw,) = rn.l1_penalty.vjp(dy, W, strength=strength)
    np.testing.assert_allclose(dw, -3 * strength * np.sign(W), rtol=1e-15)
    total = (W**2).sum()
    for half, factor in ((False, 1), (True, 0.5)):
        options = {"strength": strength, "half": half}
        value = rn.l2_penalty(W, **options)
        np.testing.assert_allclose(value, factor * strength * total, rtol=1e-15)
        (dw,) = rn.l2_penalty.vjp(dy, W, **options)
        np.testing.assert_allclose(dw, -6 * factor * strength * W, rtol=1e-15)


def test_they_are_the_losses_of_weights_against_zero():
    zeros = np.zeros(W.shape)
    assert rn.l1_penalty(W) == rn.l1(W, zeros, reduction="sum")
    assert rn.l2_penalty(W) == rn.mean_squared_error(W, zeros, reduction="sum")
    assert rn.l2_penalty(W, half=True) == rn.mean_squared_error(W, zeros, reduction="half_sum")


def test_half_of_the_square_decays_weights():
    # One step of gradient descent on lambda / 2 |w|^2 multiplies w by 1 - lr lambda.
    (dw,) = rn.l2_penalty.vjp(np.array(1.0), W, strength=0.5, half=True)
    np.testing.assert_allclose(W - 0.1 * dw, (1 - 0.1 * 0.5) * W, rtol=1e-15)


def test_a_weight_of_zero_has_no_slope():
    w = np.array([0.0, -0.0, np.nan, np.inf])
    (dw,) = rn.l1_penalty.vjp(np.array(1.0), w)
    np.testing.assert_array_equal(dw, [0, 0, np.nan, 1])


@pytest.mark.parametrize("op", BOTH.values(), ids=BOTH)
def test_nothing_costs_nothing_and_shapes_do_not_matter(op):
    assert op(np.ones((0, 3))) == 0
    assert op(W).shape == op(np.float64(2)).shape == ()
    assert op(W) == op(W.T) == op(W.reshape(6))


@pytest.mark.parametrize("op", BOTH.values(), ids=BOTH)
@refused(
    [
        ErrorInput("negative", (W,), {"strength": -0.1}, OptionError, r"\[0, inf\)"),
        ErrorInput("infinite", (W,), {"strength": np.inf}, OptionError, "finite"),
        ErrorInput("bool", (W,), {"strength": True}, OptionError, "bool"),
        ErrorInput("an array", (W,), {"strength": np.ones(2)}, OptionError, "ndarray"),
        ErrorInput("integers", (W.astype(int),), {}, DtypeError, "int64"),
        ErrorInput("two inputs", (W, W), {}, ArgumentError, "2 positional"),
        ErrorInput("reduction", (W,), {"reduction": "sum"}, ArgumentError, "'reduction'"),
    ]
)
def test_refuses(op, case):
    check_refused(op, case)


def test_half_is_a_flag():
    check_refused(
        rn.l2_penalty, ErrorInput("half", (W,), {"half": 0.5}, OptionError, "half as True or False")
    )
