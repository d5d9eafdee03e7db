from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

LOG_P = np.log(np.array([[0.5, 0.25, 0.25], [0.125, 0.5, 0.375], [0.7, 0.2, 0.1]]))
LABELS = np.array([0, 2, 2])
WEIGHT = np.array([1.0, 3.0, 0.5])


@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_value_and_vjp(weight, reduction):
    w = np.ones(3) if weight is None else weight[LABELS]
    elements = -w * LOG_P[range(3), LABELS]
    wanted = {"none": elements, "sum": elements.sum(), "mean": elements.sum() / w.sum()}[reduction]
    options = {"weight": weight, "reduction": reduction}
    np.testing.assert_allclose(rn.nll(LOG_P, LABELS, **options), wanted, rtol=1e-14)
    dy = np.array([1.0, -2.0, 3.0]) if reduction == "none" else np.array(2.0)
    g = dy / (w.sum() if reduction == "mean" else 1)
    dlog_p, dlabels = rn.nll.vjp(dy, LOG_P, LABELS, **options)
    dense = np.zeros((3, 3))
    dense[range(3), LABELS] = -g * w
    np.testing.assert_allclose(dlog_p, dense, rtol=1e-14)
    assert dlabels is None


def test_is_the_second_half_of_softmax_cross_entropy(rng):
    logits, labels = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    np.testing.assert_allclose(
        rn.nll(rn.log_softmax(logits), labels), rn.softmax_cross_entropy(logits, labels), rtol=1e-15
    )


def test_ignored_and_weightless_labels_cost_nothing():
    log_p = np.array([[-np.inf, -1.0], [-2.0, -3.0]])
    labels = np.array([0, 1])
    y = rn.nll(log_p, labels, weight=np.array([0.0, 1.0]), reduction="none")
    np.testing.assert_array_equal(y, [0, 3])
    assert rn.nll(log_p, labels, ignore_index=0) == 3


def test_no_loss_is_negative_zero():
    y = rn.nll(np.zeros((2, 3)), np.array([0, 1]), reduction="none")
    assert not np.signbit(y).any()


@refused(
    [
        ErrorInput("label too large", (LOG_P, np.array([0, 1, 3])), {}, DomainError, "label 3"),
        ErrorInput("label negative", (LOG_P, np.array([-1, 1, 0])), {}, DomainError, "start at 1"),
        ErrorInput("float labels", (LOG_P, LABELS * 1.0), {}, DtypeError, "integer dtype"),
        ErrorInput("bool labels", (LOG_P, LABELS > 0), {}, DtypeError, "dtype bool"),
        ErrorInput("one-hot", (LOG_P, np.eye(3, dtype=int)), {}, ShapeError, "one-hot"),
        ErrorInput("probabilities", (LOG_P, np.eye(3)), {}, DtypeError, "integer dtype"),
        ErrorInput("no classes", (np.ones((3, 0)), LABELS), {}, ShapeError, "at least one class"),
        ErrorInput("a scalar", (np.float64(0), np.array(0)), {}, ShapeError, "class axis"),
        ErrorInput("reduction", (LOG_P, LABELS), {"reduction": "batchmean"}, OptionError, "mean"),
        ErrorInput("ignore_index", (LOG_P, LABELS), {"ignore_index": "x"}, OptionError, "str"),
        ErrorInput(
            "weight shape", (LOG_P, LABELS), {"weight": np.ones((3, 1))}, ShapeError, "per class"
        ),
    ]
)
def test_refuses(case):
    check_refused(rn.nll, case)
