from __future__ import annotations

import numpy as np
import pytest

from parity.experiments import mnist_dfn
from parity.experiments.finding import as_page, printed
from parity.experiments.images import drawn, pool
from parity.experiments.mnist_dfn import Curve
from parity.experiments.sides import Model

WANTED = np.array(printed("mnist_dfn")["epoch_loss"])


@pytest.fixture(scope="module")
def found(small_mnist):
    return mnist_dfn.run(pool(str(small_mnist)), per_epoch=2)


def holding(finding):
    return {claim.what: claim.holds for claim in finding.claims}


def test_other_images_are_not_what_is_printed_but_both_sides_agree(found):
    claims = holding(found)
    assert not claims["each of the 20 losses is within 12% of the printed one"]
    agree = [holds for what, holds in claims.items() if what.startswith("refnet and torch agree")]
    assert agree == [True, True]
    assert not found.holds


def test_the_page_has_every_epoch_and_every_variant(found):
    page = as_page(found)
    for epoch, loss in enumerate(WANTED, start=1):
        assert f"\n| {epoch} " in page
        assert f"| {loss:.3f} " in page
    for what in ("start and order 4", "draw 3", "a quarter as many", "the second half"):
        assert f"\n| {what} " in page
    assert set(found.pictures) == {"mnist_dfn", "mnist_dfn_images"}
    assert "parity experiment mnist_dfn --mnist PATH --out reports" in page


def test_a_side_with_another_rate_does_not_agree(small_mnist, monkeypatch):
    own = Model.on

    def on(self, spec):
        return own(self if spec == "refnet" else self._replace(optimizer_options={"lr": 0.1}), spec)

    monkeypatch.setattr(Model, "on", on)
    monkeypatch.setattr(mnist_dfn, "_variants", lambda pool, n, first, length: iter(()))
    monkeypatch.setattr(mnist_dfn, "_reasons", lambda variants, wanted: iter(()))
    monkeypatch.setattr(mnist_dfn, "_left", lambda variants, wanted: False)
    monkeypatch.setattr(mnist_dfn, "_shown", lambda variants: [])
    claims = holding(mnist_dfn.run(pool(str(small_mnist)), per_epoch=4))
    assert not claims["refnet and torch agree in every digit that is printed (float32)"]
    assert not claims["refnet and torch agree in every digit that is printed (float64)"]


def reasons(small_mnist, monkeypatch, ratio):
    """What is said of variants whose losses are the printed ones times a ratio of their data."""
    images = pool(str(small_mnist))
    first_half = {row.tobytes() for row in images.x[:200]}

    def curve(spec, data, dtype, seed, length):
        share = np.mean([row.tobytes() in first_half for row in data.x])
        return Curve(WANTED * ratio(share, seed), 0.9)

    monkeypatch.setattr(mnist_dfn, "_curve", curve)
    first = curve("refnet", drawn(images, 320, "mnist_dfn|0"), "float32", 0, 1)
    variants = list(mnist_dfn._variants(images, 320, first, 1))
    return variants, list(mnist_dfn._reasons(variants, WANTED))


def test_images_that_explain_what_is_left(small_mnist, monkeypatch):
    variants, claims = reasons(
        small_mnist, monkeypatch, lambda share, _: np.exp(0.4 * (share - 0.8))
    )
    assert variants[-1].what == "80% of the first half, the rest of the second"
    assert [claim.holds for claim in claims] == [True, True, True]


def test_the_half_that_is_nearer_is_the_one_that_is_mixed_in(small_mnist, monkeypatch):
    variants, claims = reasons(
        small_mnist, monkeypatch, lambda share, _: np.exp(0.4 * (share - 0.3))
    )
    assert variants[-1].what == "30% of the first half, the rest of the second"
    assert all(claim.holds for claim in claims)


def test_a_start_that_explains_it_is_not_put_down_to_the_images(small_mnist, monkeypatch):
    variants, claims = reasons(small_mnist, monkeypatch, lambda _, seed: 0.9 + 0.1 * seed)
    assert [claim.what for claim in claims] == ["no more is left than start, order and draw make"]
    assert not mnist_dfn._left(variants, WANTED)


def test_images_that_do_not_explain_it(small_mnist, monkeypatch):
    _, claims = reasons(small_mnist, monkeypatch, lambda _, seed: 0.8)
    assert [claim.holds for claim in claims] == [True, False]


def test_mnist(mnist_path):
    images = pool(mnist_path)
    n = min(mnist_dfn.IMAGES, images.most)
    curve = mnist_dfn._curve("refnet", drawn(images, n, "mnist_dfn|0"), "float32", 0, 313)
    assert mnist_dfn._gap(curve.losses, WANTED) <= 0.12
    assert abs(curve.accuracy - 0.89) <= 0.02
