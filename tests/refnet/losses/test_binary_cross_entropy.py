from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

P = np.array([[0.25, 0.9], [0.5, 0.01]])
T = np.array([[1.0, 0.0], [0.3, 0.5]])


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_value_and_vjp(reduction):
    elements = -(T * np.log(P) + (1 - T) * np.log(1 - P))
    wanted = {"none": elements, "sum": elements.sum(), "mean": elements.mean()}[reduction]
    y = rn.binary_cross_entropy(P, T, reduction=reduction)
    np.testing.assert_allclose(y, wanted, rtol=1e-13)
    dy = np.array([[1.0, 2.0], [-1.0, 0.5]]) if reduction == "none" else np.array(3.0)
    g = dy / (4 if reduction == "mean" else 1)
    dp, dt = rn.binary_cross_entropy.vjp(dy, P, T, reduction=reduction)
    np.testing.assert_allclose(dp, g * ((1 - T) / (1 - P) - T / P), rtol=1e-12)
    np.testing.assert_allclose(dt, g * (np.log(1 - P) - np.log(P)), rtol=1e-12)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_value_and_vjp_from_logits(reduction):
    x = np.array([[-1.5, 2.0], [0.0, 30.0]])
    elements = np.logaddexp(0, x) - x * T
    wanted = {"none": elements, "sum": elements.sum(), "mean": elements.mean()}[reduction]
    y = rn.binary_cross_entropy_with_logits(x, T, reduction=reduction)
    np.testing.assert_allclose(y, wanted, rtol=1e-13)
    dy = np.array([[1.0, 2.0], [-1.0, 0.5]]) if reduction == "none" else np.array(3.0)
    g = dy / (4 if reduction == "mean" else 1)
    dx, dt = rn.binary_cross_entropy_with_logits.vjp(dy, x, T, reduction=reduction)
    np.testing.assert_allclose(dx, g * (1 / (1 + np.exp(-x)) - T), rtol=1e-12)
    np.testing.assert_allclose(dt, -g * x, rtol=1e-15)


@pytest.mark.parametrize("t", [0.0, 1.0, 1e-6, 0.5])
def test_every_logit_keeps_its_relative_accuracy(t):
    x = np.concatenate([np.linspace(-1000, 1000, 81), np.linspace(-40, 40, 81)])
    y = rn.binary_cross_entropy_with_logits(x, np.full(x.shape, t), reduction="none")
    with mpmath.workdps(500):
        for v, got in zip(x, y, strict=True):
            v, target = mpmath.mpf(float(v)), mpmath.mpf(t)
            true = mpmath.log1p(mpmath.exp(-abs(v))) + abs(v) * (1 - target if v > 0 else target)
            assert abs(mpmath.mpf(float(got)) - true) <= 4e-15 * true + 5e-324 * 5


def test_infinite_logits():
    x, t = np.array([np.inf, -np.inf, np.nan]), np.array([0.5, 0.5, 0.5])
    with np.errstate(invalid="ignore"):
        y = rn.binary_cross_entropy_with_logits(x, t, reduction="none")
    np.testing.assert_array_equal(y, [np.inf, np.inf, np.nan])


CERTAIN = np.array([0.0, 0.0, 1.0, 1.0])
TARGETS = np.array([0.0, 1.0, 0.0, 1.0])


def test_certain_probabilities():
    with np.errstate(divide="ignore"):
        y = rn.binary_cross_entropy(CERTAIN, TARGETS, reduction="none")
    np.testing.assert_array_equal(y, [0, np.inf, np.inf, 0])
    y = rn.binary_cross_entropy(CERTAIN, TARGETS, reduction="none", log_min=-100.0)
    np.testing.assert_array_equal(y, [0, 100, 100, 0])


def test_derivatives_of_certain_probabilities():
    dy = np.ones(4)
    with np.errstate(divide="ignore"):
        dp, _ = rn.binary_cross_entropy.vjp(dy, CERTAIN, TARGETS, reduction="none", wrt=("probs",))
        _, dt = rn.binary_cross_entropy.vjp(dy, CERTAIN, TARGETS, reduction="none", wrt=("t",))
    # Right and certain, the derivative is one-sided: that of -log(1 - p) at 0, of -log p at 1.
    np.testing.assert_array_equal(dp, [1, -np.inf, np.inf, -1])
    np.testing.assert_array_equal(dt, [np.inf, np.inf, -np.inf, -np.inf])
    dp, dt = rn.binary_cross_entropy.vjp(dy, CERTAIN, TARGETS, reduction="none", log_min=-100.0)
    np.testing.assert_array_equal(dp, [1, 0, 0, -1])  # a limited term is constant
    np.testing.assert_array_equal(dt, [100, 100, -100, -100])


def test_a_limit_in_between():
    # At p = 0.01, log p is below -2: only the other term has a slope.
    p, t = np.array([0.01, 0.99]), np.array([0.5, 0.5])
    y = rn.binary_cross_entropy(p, t, reduction="none", log_min=-2.0)
    np.testing.assert_allclose(y, 1 - 0.5 * np.log(0.99), rtol=1e-14)
    dp, dt = rn.binary_cross_entropy.vjp(np.ones(2), p, t, reduction="none", log_min=-2.0)
    np.testing.assert_allclose(dp, [0.5 / 0.99, -0.5 / 0.99], rtol=1e-14)
    np.testing.assert_allclose(dt, [np.log(0.99) + 2, -2 - np.log(0.99)], rtol=1e-14)


BOTH = pytest.mark.parametrize(
    "op",
    [rn.binary_cross_entropy, rn.binary_cross_entropy_with_logits],
    ids=lambda op: op.name,
)


@BOTH
@refused(
    [
        ErrorInput("shapes", (P, T[0]), {}, ShapeError, "hide a missing"),
        ErrorInput("column", (np.ones((3, 1)) / 2, np.ones(3)), {}, ShapeError, "same shape"),
        ErrorInput("target above 1", (P, 2 * T), {}, DomainError, "t 2.0"),
        ErrorInput("target negative", (P, -T), {}, DomainError, "t -1.0"),
        ErrorInput("target NaN", (P, np.full((2, 2), np.nan)), {}, DomainError, "t nan"),
        ErrorInput("integer targets", (P, T.astype(int)), {}, DtypeError, "t of dtype int64"),
        ErrorInput("mixed", (P.astype(np.float32), T), {}, DtypeError, "beside"),
        ErrorInput("reduction", (P, T), {"reduction": "sum_rows"}, OptionError, "'none'"),
    ]
)
def test_refuses(op, case):
    check_refused(op, case)


@refused(
    [
        ErrorInput(
            "logits", (np.array([2.0]), np.array([1.0])), {}, DomainError, "Were logits passed"
        ),
        ErrorInput("negative", (np.array([-0.1]), np.array([1.0])), {}, DomainError, "probs -0.1"),
        ErrorInput("log_min positive", (P, T), {"log_min": 100.0}, OptionError, "log_min"),
        ErrorInput("log_min zero", (P, T), {"log_min": 0.0}, OptionError, r"0\)"),
        ErrorInput("log_min bool", (P, T), {"log_min": True}, OptionError, "bool"),
    ]
)
def test_from_probabilities_refuses(case):
    check_refused(rn.binary_cross_entropy, case)


W = np.array([0.5, 3.0])


@pytest.mark.parametrize("w", [W, np.array([[2.0], [0.25]]), np.array(4.0), np.array([0.0, 1.0])])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_pos_weight(w, reduction):
    x = np.array([[-1.5, 2.0], [0.0, 30.0]])
    elements = w * T * np.logaddexp(0, -x) + (1 - T) * np.logaddexp(0, x)
    wanted = {"none": elements, "sum": elements.sum(), "mean": elements.mean()}[reduction]
    options = {"reduction": reduction, "pos_weight": w}
    y = rn.binary_cross_entropy_with_logits(x, T, **options)
    np.testing.assert_allclose(y, wanted, rtol=1e-13)
    dy = np.array([[1.0, 2.0], [-1.0, 0.5]]) if reduction == "none" else np.array(3.0)
    g = dy / (4 if reduction == "mean" else 1)
    s = 1 / (1 + np.exp(-x))
    dx, dt = rn.binary_cross_entropy_with_logits.vjp(dy, x, T, **options)
    np.testing.assert_allclose(dx, g * ((1 - T) * s - w * T * (1 - s)), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(dt, g * (w * np.logaddexp(0, -x) - np.logaddexp(0, x)), rtol=1e-12)


def test_a_weight_of_one_changes_nothing():
    x = np.linspace(-50, 50, 24).reshape(12, 2)
    t = np.linspace(0, 1, 24).reshape(12, 2)
    plain = rn.binary_cross_entropy_with_logits(x, t, reduction="none")
    weighted = rn.binary_cross_entropy_with_logits(x, t, reduction="none", pos_weight=np.ones(2))
    np.testing.assert_allclose(weighted, plain, rtol=1e-15)


@refused(
    [
        ErrorInput("dtype", (P, T), {"pos_weight": np.ones(2, np.float32)}, DtypeError, "float32"),
        ErrorInput("integers", (P, T), {"pos_weight": np.array([1, 2])}, DtypeError, "int64"),
        ErrorInput("shape", (P, T), {"pos_weight": np.ones(3)}, ShapeError, "broadcasts to x's"),
        ErrorInput("too many axes", (P, T), {"pos_weight": np.ones((1, 2, 2))}, ShapeError, "per"),
        ErrorInput("negative", (P, T), {"pos_weight": np.array([1, -1.0])}, DomainError, "-1.0"),
        ErrorInput("NaN", (P, T), {"pos_weight": np.array([1, np.nan])}, DomainError, "nan"),
    ]
)
def test_pos_weight_refuses(case):
    check_refused(rn.binary_cross_entropy_with_logits, case)
