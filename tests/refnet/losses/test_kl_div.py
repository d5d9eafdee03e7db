from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

Q = np.array([[0.5, 0.25, 0.25], [0.1, 0.6, 0.3]])
P = np.array([[0.25, 0.25, 0.5], [0.2, 0.4, 0.4]])
LOG_Q = np.log(Q)


@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean", "mean_rows"])
def test_value_and_vjp(rng, log_target, reduction):
    e = P * np.log(P / Q)
    wanted = {"none": e, "sum": e.sum(), "mean": e.mean(), "mean_rows": e.sum() / 2}[reduction]
    t = np.log(P) if log_target else P
    options = {"log_target": log_target, "reduction": reduction}
    np.testing.assert_allclose(rn.kl_div(LOG_Q, t, **options), wanted, rtol=1e-13)
    dy = rng.standard_normal(np.shape(wanted))
    g = dy / {"mean": 6, "mean_rows": 2}.get(reduction, 1)
    dlog_q, dt = rn.kl_div.vjp(dy, LOG_Q, t, **options)
    np.testing.assert_allclose(dlog_q, -g * P, rtol=1e-14)
    slope = np.log(P / Q) + 1
    np.testing.assert_allclose(dt, g * (P * slope if log_target else slope), rtol=1e-13)


def test_a_fair_and_a_loaded_coin():
    # D(p || q) for p = (1/2, 1/2), q = (1/4, 3/4), in nats: Cover & Thomas 2006, example 2.3.1.
    y = rn.kl_div(np.log(np.array([0.25, 0.75])), np.array([0.5, 0.5]), reduction="sum")
    with mpmath.workdps(30):
        assert float(y) == pytest.approx(float(1 - mpmath.log(3, 2) / 2) * np.log(2), rel=1e-15)


def test_nothing_diverges_from_itself():
    for t, log_target in ((Q, False), (LOG_Q, True)):
        y = rn.kl_div(LOG_Q, t, log_target=log_target, reduction="none")
        np.testing.assert_array_equal(y, np.zeros((2, 3)))


def test_is_cross_entropy_minus_entropy():
    cross = rn.cross_entropy(Q, P, reduction="sum")
    entropy = rn.cross_entropy(P, P, reduction="sum")
    np.testing.assert_allclose(rn.kl_div(LOG_Q, P, reduction="sum"), cross - entropy, rtol=1e-13)


@pytest.mark.parametrize("log_target", [False, True])
def test_an_absent_outcome_has_no_part(log_target):
    log_q = np.array([-np.inf, -1.0, -np.inf, np.nan])
    t = np.array([0.0, 0.0, 1.0, 0.0])
    if log_target:
        t = np.array([-np.inf, -np.inf, 0.0, -np.inf])
    y = rn.kl_div(log_q, t, log_target=log_target, reduction="none")
    np.testing.assert_array_equal(y, [0, 0, np.inf, 0])
    dlog_q, dt = rn.kl_div.vjp(np.ones(4), log_q, t, log_target=log_target, reduction="none")
    np.testing.assert_array_equal(dlog_q, [0, 0, -1, 0])
    np.testing.assert_array_equal(dt, [0, 0, np.inf, 0])


def test_one_hot_targets_give_the_negative_log_likelihood():
    labels = np.array([2, 1])
    one_hot = np.eye(3)[labels]
    y = rn.kl_div(LOG_Q, one_hot, reduction="mean_rows")
    np.testing.assert_allclose(y, rn.nll(LOG_Q, labels), rtol=1e-15)


@refused(
    [
        ErrorInput("logarithms", (LOG_Q, np.log(P)), {}, DomainError, "set log_target=True"),
        ErrorInput("negative", (LOG_Q, -P), {}, DomainError, r"t -0.25 at position \(0, 0\)"),
        ErrorInput("NaN", (LOG_Q, P * np.nan), {}, DomainError, "t nan"),
        ErrorInput("shapes", (LOG_Q, P[0]), {}, ShapeError, r"log_probs \(2, 3\) and t \(3,\)"),
        ErrorInput("class numbers", (LOG_Q, np.array([0, 1])), {}, DtypeError, "t of dtype int64"),
        ErrorInput("mixed", (LOG_Q, P.astype(np.float32)), {}, DtypeError, "float32 beside"),
        ErrorInput("batchmean", (LOG_Q, P), {"reduction": "batchmean"}, OptionError, "mean_rows"),
        ErrorInput("log_target a number", (LOG_Q, P), {"log_target": 1}, OptionError, "True or"),
        ErrorInput(
            "rows of a scalar",
            (np.float64(-1), np.float64(0.5)),
            {"reduction": "mean_rows"},
            ShapeError,
            "batch axis",
        ),
    ]
)
def test_refuses(case):
    check_refused(rn.kl_div, case)
