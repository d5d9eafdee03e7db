from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import OptionError, ShapeError


def test_follows_the_closed_form():
    x0 = np.array([-3.0, 4.0])
    x = rn.gradient_descent(lambda x: (x**2).sum(), x0, lr=0.1, steps=20)
    np.testing.assert_allclose(x, x0 * 0.8**20, rtol=1e-9)
    np.testing.assert_array_equal(x0, [-3, 4])


def test_a_large_rate_diverges_and_a_small_one_stays():
    def bowl(x):
        return (x**2).sum()

    assert np.abs(rn.gradient_descent(bowl, [3.0], lr=10.0, steps=20)).max() > 1e10
    np.testing.assert_allclose(rn.gradient_descent(bowl, [3.0], lr=1e-10, steps=20), 3, rtol=1e-7)


def test_no_steps_copy():
    x0 = np.array([1.0])
    x = rn.gradient_descent(lambda x: x.sum(), x0, steps=0)
    assert x == x0
    assert x is not x0


def test_minimises_a_refnet_loss():
    logits = rn.gradient_descent(
        lambda x: rn.softmax_cross_entropy(x[np.newaxis], np.array([2])), np.zeros(3), 1.0, 50
    )
    assert logits.argmax() == 2


def test_refuses():
    for options in ({"lr": -1.0}, {"lr": True}, {"steps": -1}, {"steps": 2.0}, {"steps": True}):
        with pytest.raises(OptionError, match="gradient_descent"):
            rn.gradient_descent(lambda x: x.sum(), [1.0], **options)
    with pytest.raises(ShapeError, match="single number"):
        rn.gradient_descent(lambda x: x, [1.0, 2.0])
