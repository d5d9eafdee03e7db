from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

PROBS = np.array([[0.5, 0.25, 0.25], [0.1, 0.6, 0.3], [0.7, 0.2, 0.1], [0.2, 0.2, 0.6]])
LABELS = np.array([0, 1, 2, 2])
ROWS = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.25, 0.5, 0.25]])


@pytest.mark.parametrize("eps", [0.0, 2.2e-16, 1e-7, 0.1])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("labels", [LABELS, ROWS], ids=["classes", "rows"])
def test_value_and_vjp(eps, reduction, labels):
    t = np.eye(3)[LABELS] if labels is LABELS else ROWS
    elements = -(t * np.log(PROBS + eps)).sum(axis=1)
    wanted = {"none": elements, "sum": elements.sum(), "mean": elements.mean()}[reduction]
    options = {"eps": eps, "reduction": reduction}
    np.testing.assert_allclose(rn.cross_entropy(PROBS, labels, **options), wanted, rtol=1e-13)
    dy = np.arange(1.0, 5) if reduction == "none" else np.array(-2.0)
    g = dy[:, None] if reduction == "none" else dy / (4 if reduction == "mean" else 1)
    dprobs, dlabels = rn.cross_entropy.vjp(dy, PROBS, labels, **options)
    np.testing.assert_allclose(dprobs, -g * t / (PROBS + eps), rtol=1e-13)
    if labels is LABELS:
        assert dlabels is None
    else:
        np.testing.assert_allclose(dlabels, -g * np.log(PROBS + eps), rtol=1e-13)


def test_nothing_times_the_logarithm_of_nothing_is_nothing():
    probs, t = np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]])
    assert rn.cross_entropy(probs, t) == 0
    (dprobs, _) = rn.cross_entropy.vjp(np.array(1.0), probs, t, wrt=("probs",))
    np.testing.assert_array_equal(dprobs, [[0, -1]])
    assert rn.cross_entropy(probs, np.array([1])) == 0


def test_a_lost_probability_costs_infinity_without_eps():
    with np.errstate(divide="ignore"):
        assert rn.cross_entropy(np.array([[0.0, 1.0]]), np.array([0])) == np.inf
    assert rn.cross_entropy(np.array([[0.0, 1.0]]), np.array([0]), eps=1e-7) == -np.log(1e-7)


@refused(
    [
        ErrorInput("negative", (-PROBS, LABELS), {}, DomainError, "probs -0.5"),
        ErrorInput("NaN rows", (PROBS, np.full((4, 3), np.nan)), {}, DomainError, "NaN"),
        ErrorInput("label too large", (PROBS, np.array([0, 3, 0, 0])), {}, DomainError, "label 3"),
        ErrorInput("float labels", (PROBS, LABELS * 1.0), {}, DtypeError, "read as floats"),
        ErrorInput("bool labels", (PROBS, LABELS > 0), {}, DtypeError, "bool"),
        ErrorInput("too few labels", (PROBS, LABELS[:3]), {}, ShapeError, r"\(4,\)"),
        ErrorInput(
            "one-hot integers", (PROBS, np.eye(3, dtype=int)[LABELS]), {}, ShapeError, "one-hot"
        ),
        ErrorInput("negative eps", (PROBS, LABELS), {"eps": -1e-7}, OptionError, r"\[0, inf\)"),
        ErrorInput("bool eps", (PROBS, LABELS), {"eps": True}, OptionError, "bool"),
        ErrorInput("reduction", (PROBS, LABELS), {"reduction": "half_sum"}, OptionError, "none"),
        ErrorInput("no classes", (np.ones((2, 0)), LABELS[:2]), {}, ShapeError, "at least one"),
    ]
)
def test_refuses(case):
    check_refused(rn.cross_entropy, case)


def test_a_class_without_target_or_probability_costs_nothing():
    probs, labels = np.array([[0.0, 0.5, 0.5]]), np.array([[0.0, 0.25, 0.75]])
    assert rn.cross_entropy(probs, labels) == pytest.approx(np.log(2))
    with np.errstate(divide="ignore"):  # the label's cotangent is infinite there
        dprobs, dlabels = rn.cross_entropy.vjp(np.array(1.0), probs, labels)
    np.testing.assert_allclose(dprobs, [[0, -0.5, -1.5]])
    assert dlabels[0, 0] == np.inf
