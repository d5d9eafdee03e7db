"""One training step of small dense networks, in refnet and in PyTorch eager.

Both start from the same parameters and read the same batch: forward, softmax cross-entropy,
back-propagation and an update of plain SGD. refnet's values are pure, so every update makes new
parameters; PyTorch updates its own in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import refnet as rn
from benchmarks.side_by_side import Comparison


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


def comparisons() -> list[Comparison]:
    """Return a training step of each network."""
    rng = np.random.default_rng(1)
    found = []
    for network in NETWORKS:
        x = rng.standard_normal((network.batch, network.features)).astype(np.float32)
        labels = rng.integers(0, network.classes, network.batch)
        steps = refnet_step(network, x, labels), torch_step(network, x, labels)
        found.append(
            Comparison(f"training step {network.name}", "PyTorch", *steps, network.at_most)
        )
    return found
