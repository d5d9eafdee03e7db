"""One training step of small dense networks, in refnet and in PyTorch eager.

Both start from the same parameters and read the same batch: forward, softmax cross-entropy,
back-propagation and an update of plain SGD. refnet's values are pure, so every update makes new
parameters; PyTorch updates its own in place.
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import refnet as rn


class Network(NamedTuple):
    """Sizes of a dense network with one hidden layer, its activation, and the batch."""

    features: int
    hidden: int
    classes: int
    activation: str
    batch: int
    at_most: float  # ratio of refnet's time to PyTorch's that the project promises

    @property
    def name(self) -> str:
        """The sizes in words."""
        sizes = f"{self.features}-{self.hidden}-{self.classes}"
        return f"{sizes} {self.activation}, batch {self.batch}"


NETWORKS = (
    Network(784, 200, 10, "sigmoid", 64, 1.0),
    Network(784, 300, 10, "relu", 256, 1.25),
    Network(10, 8, 2, "relu", 100, 0.5),
)
LR = 0.01


class Timing(NamedTuple):
    """Medians over the repetitions: seconds per step of either side, and their ratio."""

    network: Network
    refnet: float
    torch: float
    ratio: float


def refnet_step(network: Network, x: Any, labels: Any) -> Callable[[], Any]:
    """Return a function that does one more training step in refnet each time it is called."""
    layers = rn.layers.Sequential(
        fc1=rn.layers.Dense(network.hidden),
        activation=rn.layers.Activation(network.activation),
        fc2=rn.layers.Dense(network.classes),
    )
    opt = rn.optimizers.SGD(lr=LR)
    params = layers.init((network.features,), np.random.default_rng(0), np.float32)
    state = opt.init(params)

    def step() -> Any:
        nonlocal params, state
        loss, grads = layers.value_and_grads(params, x, labels, rn.softmax_cross_entropy)
        params, state = opt.update(params, grads, state)
        return loss

    return step


def torch_step(network: Network, x: Any, labels: Any) -> Callable[[], Any]:
    """Return a function that does one more training step in PyTorch each time it is called."""
    import torch

    layers = torch.nn.Sequential(
        torch.nn.Linear(network.features, network.hidden),
        {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}[network.activation](),
        torch.nn.Linear(network.hidden, network.classes),
    )
    loss_function = torch.nn.CrossEntropyLoss()
    opt = torch.optim.SGD(layers.parameters(), lr=LR)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(labels)

    def step() -> Any:
        opt.zero_grad()
        loss = loss_function(layers(inputs), targets)
        loss.backward()
        opt.step()
        return loss

    return step


def measure(network: Network, repetitions: int = 25, seconds: float = 0.05) -> Timing:
    """Time both sides in turn, so that both see the same machine; the ratio is of each pair."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((network.batch, network.features)).astype(np.float32)
    labels = rng.integers(0, network.classes, network.batch)
    steps = (refnet_step(network, x, labels), torch_step(network, x, labels))
    counts = []
    for step in steps:
        timeit.timeit(step, number=20)  # warm up
        counts.append(max(1, round(seconds / (timeit.timeit(step, number=10) / 10))))
    pairs = []
    for _ in range(repetitions):
        pairs.append([timeit.timeit(s, number=n) / n for s, n in zip(steps, counts, strict=True)])
    return Timing(
        network,
        statistics.median(p[0] for p in pairs),
        statistics.median(p[1] for p in pairs),
        statistics.median(p[0] / p[1] for p in pairs),
    )
