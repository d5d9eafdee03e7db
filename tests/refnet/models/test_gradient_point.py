"""Every training takes its gradients where the optimizer says, which matters to look-ahead."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet.models import DFN, BinaryAdder, Sentiment, l_layer


class AtZero:
    """Wants its gradients at zero parameters, and keeps those of the first layer."""

    def __init__(self):
        self.seen = []

    def init(self, params):
        return 0

    def gradient_point(self, params, state):
        return {name: np.zeros_like(p) for name, p in params.items()}

    def update(self, params, grads, state):
        self.seen.append(grads[next(iter(grads))])
        return dict(params), state + 1


def dfn(opt, rng):
    DFN(3, 2, optimizer=opt).fit(rng.random((6, 4)), np.arange(6) % 2, epochs=2, rng=rng)


def adder(opt, rng):
    BinaryAdder(3, optimizer=opt).fit_drawn(2, batch_size=4, rng=rng)


def sentiment(opt, rng):
    model = Sentiment("presence", optimizer=opt, dtype=np.float64, min_count=1)
    model.fit(["good film", "bad film"], [1, 0], epochs=2, rng=rng, batch_size=2)


def columns(opt, rng):
    l_layer.fit(
        rng.random((2, 6)), np.ones((1, 6)), [2, 3, 1], rng=rng, optimizer=opt, iterations=2
    )


@pytest.mark.parametrize("train", [dfn, adder, sentiment, columns])
def test_gradients_are_taken_at_the_gradient_point(train):
    opt = AtZero()
    train(opt, np.random.default_rng(0))
    assert len(opt.seen) == 2
    # Nothing reaches the first layer through a second one of zeros.
    assert not any(g.any() for g in opt.seen)


def test_a_network_trained_by_lookahead():
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((5, 3)), np.array([0, 1, 1, 0, 1])
    opt = rn.optimizers.Nesterov(0.5, lookahead=True)
    net = DFN(4, 2, optimizer=opt)
    net.start((3,), rng=np.random.default_rng(1), dtype=np.float64)
    params = net.params
    state = opt.init(params)
    net.fit(x, t, epochs=4, rng=rng)
    for _ in range(4):
        _, grads = net.loss_and_grads(dict(opt.gradient_point(params, state)), x, t)
        params, state = opt.update(params, grads, state)
    for name, p in params.items():
        np.testing.assert_allclose(net.params[name], p, rtol=1e-12)
