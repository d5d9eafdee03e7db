from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, DomainError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

Y = np.array([[2.0, 0.5, -0.5], [-3.0, 0.25, 1.5]])
T = np.array([[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]])


@pytest.mark.parametrize("margin", [0.0, 0.3, 1.0, 4.0])
@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_value_and_vjp(margin, squared, reduction):
    gap = np.maximum(0, margin - T * Y)
    e = gap**2 if squared else gap
    options = {"margin": margin, "squared": squared, "reduction": reduction}
    wanted = {"none": e, "sum": e.sum(), "mean": e.mean()}[reduction]
    np.testing.assert_allclose(rn.hinge(Y, T, **options), wanted, rtol=1e-14)
    dy = np.arange(1.0, 7).reshape(2, 3) if reduction == "none" else np.array(-2.0)
    g = (dy / 6 if reduction == "mean" else dy) * (2 * gap if squared else gap > 0)
    dscores, dt = rn.hinge.vjp(dy, Y, T, **options)
    np.testing.assert_allclose(dscores, -g * T, rtol=1e-14)
    np.testing.assert_allclose(dt, -g * Y, rtol=1e-14)


def test_worked_numbers():
    # A point on the margin costs nothing, one on the boundary 1, one beyond it more.
    y = rn.hinge(np.array([1.0, 0.0, -1.0, 3.0]), np.ones(4), reduction="none")
    np.testing.assert_array_equal(y, [0, 1, 2, 0])


def test_the_derivative_on_the_kink_is_zero():
    y, t = np.array([1.0, -1.0]), np.array([1.0, -1.0])
    for c in rn.hinge.vjp(np.ones(2), y, t, reduction="none"):
        np.testing.assert_array_equal(c, [0, 0])
        assert not np.signbit(c).any()


def test_no_element_is_negative_zero():
    y = np.array([0.0, -0.0, 1.0])
    for margin in (0.0, -0.0, 1.0):
        e = rn.hinge(y, np.ones(3), margin=margin, reduction="none")
        assert not np.signbit(e).any()


def test_infinite_and_absent_scores():
    y, t = np.array([np.inf, -np.inf, np.nan]), np.ones(3)
    np.testing.assert_array_equal(rn.hinge(y, t, reduction="none"), [0, np.inf, np.nan])
    dy, dt = rn.hinge.vjp(np.ones(3), y, t, reduction="none")
    np.testing.assert_array_equal(dy, [0, -1, -1])
    np.testing.assert_array_equal(dt, [0, np.inf, np.nan])


def test_targets_of_zero_and_one_become_signs():
    y, classes = np.array([0.2, -1.5, 0.7]), np.array([1.0, 0.0, 0.0])
    assert rn.hinge(y, 2 * classes - 1) == pytest.approx((0.8 + 0 + 1.7) / 3)


@refused(
    [
        ErrorInput("classes 0 and 1", (Y, (T + 1) / 2), {}, DomainError, r"\(1, 0\).*2 \* t - 1"),
        ErrorInput("NaN target", (Y, T * np.nan), {}, DomainError, "t nan"),
        ErrorInput("shapes", (Y, T[0]), {}, ShapeError, r"y \(2, 3\) and t \(3,\)"),
        ErrorInput("column", (Y[:, :1], T[:, 0]), {}, ShapeError, "missing or an extra"),
        ErrorInput("integer targets", (Y, T.astype(int)), {}, DtypeError, "t of dtype int64"),
        ErrorInput("mixed", (Y, T.astype(np.float32)), {}, DtypeError, "float32 beside"),
        ErrorInput("complex", (Y * 1j, T * 1j), {}, DtypeError, "complex128"),
        ErrorInput("margin negative", (Y, T), {"margin": -1.0}, OptionError, r"\[0, inf\)"),
        ErrorInput("margin bool", (Y, T), {"margin": True}, OptionError, "bool"),
        ErrorInput("squared a number", (Y, T), {"squared": 2}, OptionError, "True or False"),
        ErrorInput("reduction", (Y, T), {"reduction": "mean_rows"}, OptionError, "'none', 'sum'"),
        ErrorInput("one input", (Y,), {}, ArgumentError, "y, t"),
    ]
)
def test_refuses(case):
    check_refused(rn.hinge, case)
