from __future__ import annotations

import numpy as np
import pytest

from parity.experiments import mnist_mlp
from parity.experiments.finding import as_page
from parity.experiments.images import pool
from parity.experiments.mnist_mlp import FORMS, Form


@pytest.fixture(scope="module")
def found(small_mnist):
    return mnist_mlp.run(pool(str(small_mnist)), updates=20)


def test_both_sides_agree_in_the_first_ten_accuracies(found):
    assert len(found.claims) == len(FORMS) == 4
    assert found.holds
    for claim in found.claims:
        assert claim.found == "10 of 10 (float32), 10 of 10 (float64)"


def test_the_page(found):
    page = as_page(found)
    assert page.count("| sides agree   |") == 4
    assert "| 0.1993    |" in page  # the first that is printed
    assert "after 20 updates" in page
    assert "NO" not in page


def test_a_side_of_another_rate_does_not_agree(small_mnist, monkeypatch):
    own = Form.on

    def on(self, spec):
        slower = {name: 0.3 * v for name, v in self.optimizer.items()}
        return own(self if spec == "refnet" else self._replace(optimizer=slower), spec)

    monkeypatch.setattr(Form, "on", on)
    monkeypatch.setattr(mnist_mlp, "FORMS", {name: FORMS[name] for name in ("sgd", "momentum")})
    other = mnist_mlp.run(pool(str(small_mnist)), updates=10)
    assert not other.holds
    assert "| NO " in as_page(other)


@pytest.mark.parametrize("name", FORMS)
def test_starts(name):
    start = FORMS[name].start(784)
    assert start["fc1.w"].shape == (784, 10 if name in ("sgd", "momentum") else 300)
    assert 0.05 < start["fc1.w"].std() < 0.12
    assert not start["fc1.b"].any()
    if name == "hidden":
        assert not start["fc2.w"].any()


def test_pixels_are_from_0_to_1(small_mnist):
    data = mnist_mlp.positive(mnist_mlp.images.drawn(pool(str(small_mnist)), 50, "key"))
    for x in (data.x, data.test_x):
        assert x.min() == 0
        assert np.ptp(x) > 0.9
        assert x.max() <= 1


def test_mnist(mnist_path):
    found = mnist_mlp.run(pool(mnist_path), updates=10)
    assert found.holds
