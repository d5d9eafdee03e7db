"""Running error bounds of single steps: whatever float32 makes of operands in error is inside."""

from __future__ import annotations

import numpy as np
import pytest

from parity.bounds.base import arithmetic
from parity.bounds.running import Running, exact, fraction, largest, minus, plus, product, root

A = arithmetic("float32")
N = 4000


@pytest.fixture
def operand(rng):
    """Return a function that draws values with limits on their errors, and float32s within them."""

    def draw(positive=False, error=1e-6):
        v = rng.standard_normal(N) * 10.0 ** rng.integers(-6, 4, N)
        v = np.abs(v) if positive else v
        v[::50] = 0
        e = np.abs(v) * error * rng.random(N) + 1e-12 * (rng.random(N) < 0.3)
        got = v + e * rng.uniform(-1, 1, N)
        computed = (np.maximum(got, 0) if positive else got).astype(np.float32)
        return Running(v, np.maximum(e, np.abs(computed - v))), computed

    return draw


def check(limit, exactly, computed):
    gap = np.abs(computed.astype(float) - exactly)
    np.testing.assert_allclose(limit.v, exactly, rtol=1e-14, atol=1e-300)
    assert (gap <= limit.e).all()
    share = gap[limit.e > 0] / limit.e[limit.e > 0]
    assert share.max() > 0.2  # and the limit is not slack


@pytest.mark.parametrize("error", [0.0, 1e-6, 1e-2])
def test_sums_and_differences(operand, error):
    (x, cx), (y, cy) = operand(error=error), operand(error=error)
    check(plus(A, x, y), x.v + y.v, cx + cy)
    check(minus(A, x, y), x.v - y.v, cx - cy)


def test_nothing_is_added_exactly():
    zero = exact(np.zeros(3))
    x = Running(np.ones(3), np.full(3, 0.5))
    assert (plus(A, x, zero).e == 0.5).all()
    assert (plus(A, zero, zero).e == 0).all()
    assert (minus(A, x, zero).e == 0.5).all()


@pytest.mark.parametrize("error", [0.0, 1e-6, 1e-2])
def test_roots_down_to_zero(operand, error):
    x, cx = operand(positive=True, error=error)
    check(root(A, x), np.sqrt(x.v), np.sqrt(cx))
    # What is 0 but for an error has the error's root.
    assert root(A, Running(np.zeros(1), np.full(1, 1e-8))).e == pytest.approx(1e-4, rel=1e-6)
    assert root(A, exact(np.zeros(1))).e == 0


def test_largest_takes_the_error_of_what_may_be_larger(operand):
    (x, cx), (y, cy) = operand(), operand()
    check(largest(x, y), np.maximum(x.v, y.v), np.maximum(cx, cy))
    far = largest(Running(np.array([3.0]), np.array([0.1])), Running(np.array([1.0]), np.ones(1)))
    assert far.e == 0.1


@pytest.mark.parametrize("order", ["left", "right"])
@pytest.mark.parametrize("error", [0.0, 1e-6, 1e-2])
def test_fractions_in_any_order(operand, error, order):
    (s, cs), (x, cx), (y, cy) = operand(error=error), operand(error=error), operand(True, error)
    y, cy = Running(y.v + 1e-3, y.e + 1e-9), cy + np.float32(1e-3)
    got = cs * cx / cy if order == "left" else cs * (cx / cy)
    check(fraction(A, [s, x], y, np.full(N, 1e-4)), s.v * x.v / y.v, got)


def test_a_fraction_over_what_may_be_zero_is_unknown_without_a_floor():
    one, zero = exact(np.ones(1)), exact(np.zeros(1))
    near = Running(np.full(1, 1e-9), np.full(1, 1e-8))
    with np.errstate(all="ignore"):
        assert fraction(A, [one], near, np.zeros(1)).e == np.inf
        nothing = fraction(A, [zero, one], near, np.zeros(1))
        assert nothing == Running(0, 0)
    assert np.isfinite(fraction(A, [one], near, np.full(1, 1e-9)).e)


def test_tiny_products_that_are_divided_again():
    """A product that underflows loses up to eta, and the division makes much of it."""
    x, y = np.full(8, 1e-30, np.float32), np.linspace(1, 9, 8).astype(np.float32) * 1e-25
    y[0] = 1e-19
    low = np.float32(1e-18)
    computed = x * y / low
    limit = fraction(
        A, [exact(x.astype(float)), exact(y.astype(float))], exact(np.full(8, 1e-18)), 0
    )
    assert (np.abs(computed - x.astype(float) * y / 1e-18) <= limit.e).all()
    assert (computed == 0).any()


def test_products_of_zeros_are_exact():
    zero, x = exact(np.zeros(2)), Running(np.ones(2), np.full(2, 0.1))
    assert (product(A, x, zero).e == 0).all()
