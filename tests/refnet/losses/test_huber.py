from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

OPS = {"huber": rn.huber, "smooth_l1": rn.smooth_l1}
finite = st.floats(-1e100, 1e100)
WIDTHS = st.floats(1e-100, 1e100)


def by_definition(d, width):
    """The Huber loss and its slope, in its two branches."""
    inside = np.abs(d) <= width
    value = np.where(inside, d * d / 2, width * (np.abs(d) - width / 2))
    return value, np.where(inside, d, width * np.sign(d))


@pytest.mark.parametrize("width", [0.1, 1.0, 2.7])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_value_and_vjp(rng, op, width, reduction):
    y, t = rng.standard_normal((2, 5, 3)) * 2
    e, slope = by_definition(y - t, width)
    option = "delta"
    if op is rn.smooth_l1:
        e, slope, option = e / width, slope / width, "beta"
    options = {option: width, "reduction": reduction}
    wanted = {"none": e, "sum": e.sum(), "mean": e.mean()}[reduction]
    np.testing.assert_allclose(op(y, t, **options), wanted, rtol=1e-13)
    dy = rng.standard_normal(np.shape(wanted))
    g = dy / 15 if reduction == "mean" else dy
    dpredicted, dt = op.vjp(dy, y, t, **options)
    np.testing.assert_allclose(dpredicted, g * slope, rtol=1e-13)
    np.testing.assert_array_equal(dt, -dpredicted)


def test_values_from_the_definition():
    y, t = np.array([0.0, 0.5, 1.0, 1.5, -3.0]), np.zeros(5)
    np.testing.assert_array_equal(rn.huber(y, t, reduction="none"), [0, 0.125, 0.5, 1.0, 2.5])
    got = rn.smooth_l1(y, t, beta=0.5, reduction="none")
    np.testing.assert_array_equal(got, [0, 0.25, 0.75, 1.25, 2.75])


@given(finite, WIDTHS)
def test_smooth_l1_is_huber_over_beta(d, width):
    y, t = np.array([d]), np.zeros(1)
    with np.errstate(all="ignore"):
        huber, smooth = rn.huber(y, t, delta=width), rn.smooth_l1(y, t, beta=width)
    if np.isfinite(huber) and huber / width > 1e-290 and huber > 1e-290:
        np.testing.assert_allclose(smooth, huber / width, rtol=1e-14)


@given(finite, WIDTHS)
def test_even_and_between_nothing_and_the_absolute_error(d, width):
    y, t = np.array([d]), np.zeros(1)
    value = rn.smooth_l1(y, t, beta=width)
    assert 0 <= value <= abs(d)
    assert value == rn.smooth_l1(t, y, beta=width)
    assert abs(rn.smooth_l1.vjp(np.array(1.0), y, t, beta=width)[0]) <= 1


def test_beta_zero_is_the_absolute_error():
    y, t = np.array([0.0, 2.0, -3.0, np.nan]), np.zeros(4)
    for beta in (0.0, 0, 1e-50):
        got = rn.smooth_l1(y.astype(np.float32), t.astype(np.float32), beta=beta, reduction="none")
        np.testing.assert_array_equal(got, np.array([0, 2, 3, np.nan], np.float32))
        one = np.ones(4, np.float32)
        dy, _ = rn.smooth_l1.vjp(
            one, y.astype(np.float32), t.astype(np.float32), beta=beta, reduction="none"
        )
        np.testing.assert_array_equal(dy, rn.l1.vjp(np.ones(4), y, t, reduction="none")[0])


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_both_branches_meet(op):
    y, t = np.array([1.0, np.nextafter(1.0, 2), np.nextafter(1.0, 0), -1.0]), np.zeros(4)
    np.testing.assert_allclose(op(y, t, reduction="none"), 0.5, rtol=1e-15)
    dy, _ = op.vjp(np.ones(4), y, t, reduction="none")
    np.testing.assert_allclose(dy, [1, 1, 1, -1], rtol=1e-15)


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_the_ends_of_the_range(op):
    big, small = np.finfo(float).max, np.finfo(float).smallest_subnormal
    y = np.array([big, -big, small, -small, 0.0, -0.0])
    values = op(y, np.zeros(6), reduction="none")
    np.testing.assert_array_equal(values, [big, big, 0, 0, 0, 0])
    assert not np.signbit(values).any()
    dy, _ = op.vjp(np.ones(6), y, np.zeros(6), reduction="none")
    np.testing.assert_array_equal(dy, [1, -1, small, -small, 0, 0])


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_infinite_and_absent_errors(op):
    y = np.array([np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal(op(y, np.zeros(3), reduction="none"), [np.inf, np.inf, np.nan])
    dy, dt = op.vjp(np.ones(3), y, np.zeros(3), reduction="none")
    np.testing.assert_array_equal(dy, [1, -1, np.nan])
    np.testing.assert_array_equal(dt, [-1, 1, np.nan])


A = np.ones((4, 2))


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
@refused(
    [
        ErrorInput("shapes", (A, A[:3]), {}, ShapeError, r"y \(4, 2\) and t \(3, 2\)"),
        ErrorInput("column", (A[:, :1], A[:, 0]), {}, ShapeError, "missing or an extra"),
        ErrorInput("integers", (A.astype(int), A), {}, DtypeError, "int64"),
        ErrorInput("mixed", (A, A.astype(np.float16)), {}, DtypeError, "float16 beside"),
        ErrorInput("reduction", (A, A), {"reduction": "avg"}, OptionError, "'mean'"),
    ]
)
def test_refuses(op, case):
    check_refused(op, case)


@refused(
    [
        ErrorInput("delta zero", (A, A), {"delta": 0.0}, OptionError, r"\(0, inf\)"),
        ErrorInput("delta negative", (A, A), {"delta": -1.0}, OptionError, "delta=-1.0"),
        ErrorInput("delta NaN", (A, A), {"delta": np.nan}, OptionError, "finite"),
        ErrorInput("delta a string", (A, A), {"delta": "1"}, OptionError, "type str"),
    ]
)
def test_huber_refuses(case):
    check_refused(rn.huber, case)


@refused(
    [
        ErrorInput("beta negative", (A, A), {"beta": -0.5}, OptionError, r"\[0, inf\)"),
        ErrorInput("beta infinite", (A, A), {"beta": np.inf}, OptionError, "finite"),
        ErrorInput("beta bool", (A, A), {"beta": True}, OptionError, "bool"),
        ErrorInput("beta None", (A, A), {"beta": None}, OptionError, "NoneType"),
    ]
)
def test_smooth_l1_refuses(case):
    check_refused(rn.smooth_l1, case)
