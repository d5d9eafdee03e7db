from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet.models.towers import approximation, tower


@given(st.floats(-2, 2), st.floats(0.1, 3), st.floats(-4, 4))
def test_a_tower_stands_between_its_edges(left, width, height):
    right, s = left + width, 400 / width
    x = left + width * np.array([-1.0, -0.2, 0.2, 0.5, 0.8, 1.2, 2.0])
    np.testing.assert_allclose(
        tower(x, left, right, height, s), height * np.array([0, 0, 1, 1, 1, 0, 0]), atol=1e-12
    )
    at_the_edges = tower([left, right], left, right, height, s)
    np.testing.assert_allclose(at_the_edges, height / 2, atol=1e-12)


def test_a_tower_is_two_sigmoids(rng):
    x = rng.standard_normal((3, 4))
    expected = 2.5 * (rn.sigmoid(3 * (x - 0.2)) - rn.sigmoid(3 * (x - 0.9)))
    np.testing.assert_allclose(tower(x, 0.2, 0.9, 2.5, 3.0), expected, rtol=1e-12)


def test_a_network_of_towers_is_their_sum(rng):
    x = rng.uniform(-1, 3, (5, 2))
    net = approximation(np.cos, -1.0, 3.0, 8, steepness=7.0)
    edges = np.linspace(-1, 3, 9)
    expected = sum(tower(x, a, b, np.cos((a + b) / 2), 7.0) for a, b in pairwise(edges))
    np.testing.assert_allclose(net(x), expected, atol=1e-12)


@pytest.mark.parametrize(
    "f", [np.sin, lambda x: 0.2 + 0.4 * x**2 + 0.3 * x * np.sin(15 * x), np.abs]
)
def test_the_error_shrinks_with_the_number_of_towers(f):
    x = np.linspace(-0.95, 0.95, 1001)
    counts = (10, 40, 160, 640)
    errors = [np.abs(approximation(f, -1.0, 1.0, n)(x) - f(x)).max() for n in counts]
    assert (np.array(errors[1:]) < 0.45 * np.array(errors[:-1])).all()
    assert errors[-1] < 0.01


def test_refused():
    for arguments, match in (
        ((0.0, 1.0, 0.0), "left below right"),
        ((0.0, np.nan, 1.0), "left"),
        ((0.0, 0.0, 1.0, np.inf), "height"),
        ((0.0, 0.0, 1.0, 1.0, 0.0), "steepness"),
    ):
        with pytest.raises(rn.OptionError, match=match):
            tower(*arguments)
    with pytest.raises(rn.DtypeError, match="text"):
        tower("1", 0.0, 1.0)
    for arguments, match in (
        ((np.sin, 1.0, 1.0, 3), "low below high"),
        ((np.sin, 0.0, 1.0, 0), "towers"),
        ((np.sin, 0.0, 1.0, 3, -1.0), "steepness"),
    ):
        with pytest.raises(rn.OptionError, match=match):
            approximation(*arguments)
    with pytest.raises(rn.ShapeError, match="vectorize"):
        approximation(lambda x: 1.0, 0.0, 1.0, 3)
    with pytest.raises(rn.DtypeError, match="dtype"):
        approximation(lambda x: x * 1j, 0.0, 1.0, 3)
