"""One training step of small dense networks and of the models, in refnet and in PyTorch eager.

Both start from the same parameters and read the same batch: forward, loss, back-propagation and an
update of SGD. refnet's values are pure, so every update makes new parameters; PyTorch updates its
own in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import refnet as rn
from benchmarks.side_by_side import Comparison
from refnet.models import l_layer


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
LR, MOMENTUM = 0.01, 0.9
Values = dict[str, Any]
Loss = Callable[[Values], Any]  # of PyTorch's parameters


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
    """Return a training step of each network, and where threads do not matter of each model."""
    import torch

    models = [
        _l_layer((64, 25, 12, 10), 128),
        _l_layer((784, 20, 7, 5, 1), 100),
        _sentiment(2000, 250),
        _adder(100),
        _small_alexnet(28, 64, {}),
        _small_alexnet(28, 64, {"pooling": True}),
    ]
    return [*_networks(), *(models if torch.get_num_threads() == 1 else [])]


def _networks() -> list[Comparison]:
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


def _l_layer(units: tuple[int, ...], batch: int) -> Comparison:
    """Return a step of the L-layer network, samples in columns."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((units[0], batch)).astype(np.float32)
    t = rng.integers(0, 2, (units[-1], batch)).astype(np.float32)
    params = l_layer.init(units, rng, gain=0.1, dtype=np.float32)
    functional = _torch_functional()

    def forward(p: Values) -> Any:
        a = torch_x
        for i in range(1, len(units)):
            a = p[f"W{i}"] @ a + p[f"b{i}"]
            a = functional.relu(a) if i < len(units) - 1 else a
        total = functional.binary_cross_entropy_with_logits(a, torch_t, reduction="sum")
        return total / batch

    torch_x, torch_t = _tensors(x, t)
    name = f"l_layer {'-'.join(map(str, units))}, batch {batch}"
    return _comparison(name, params, lambda p: l_layer.cost_and_gradients(p, x, t), forward, 1.0)


def _sentiment(words: int, batch: int) -> Comparison:
    """Return a step of the sentiment network, on the words of 100-word reviews."""
    rng = np.random.default_rng(1)
    x = (rng.random((batch, words)) < 50 / words).astype(np.float32)
    t = rng.integers(0, 2, (batch, 1)).astype(np.float32)
    model = rn.models.SentimentNetwork(words)
    functional = _torch_functional()

    def forward(p: Values) -> Any:
        hidden = functional.linear(torch_x, p["fc1.w"].T, p["fc1.b"])
        y = functional.linear(hidden, p["fc2.w"].T, p["fc2.b"]).sigmoid()
        return functional.mse_loss(y, torch_t)

    torch_x, torch_t = _tensors(x, t)
    return _of(model, f"sentiment {words}-10-1, batch {batch}", x, t, forward, 1.0)


def _adder(batch: int) -> Comparison:
    """Return a step of the adder, as the sources write it in a loop over the bits."""
    import torch

    x, t = rn.data.binary_addition(batch, rng=np.random.default_rng(1), dtype=np.float32)

    def forward(p: Values) -> Any:
        state, bits = torch.zeros(batch, 8), []
        for step in torch_x.unbind(1):
            state = torch.tanh(torch.cat([step, state], 1) @ p["rnn.w"] + p["rnn.b"])
            bits.append(torch.sigmoid(state @ p["out.w"] + p["out.b"]))
        return torch.nn.functional.mse_loss(torch.cat(bits, 1), torch_t)

    torch_x, torch_t = _tensors(x, t)
    return _of(rn.models.BinaryAdder(), f"rnn_binary_addition, batch {batch}", x, t, forward, 1.0)


def _small_alexnet(size: int, batch: int, form: dict[str, Any]) -> Comparison:
    """Return a step of the small convolutional network on square images."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((batch, size, size, 1)).astype(np.float32)
    t = rng.integers(0, 10, batch)
    functional = _torch_functional()
    pooling = form.get("pooling", False)

    def forward(p: Values) -> Any:
        a = torch_x
        for i in (1, 2):
            # SAME: a cell of zeros on every side for a stride of 1, and after the last one for 2.
            a = functional.pad(a, (1, 1, 1, 1) if pooling else (0, 1, 0, 1))
            w = p[f"conv{i}.w"].permute(3, 2, 0, 1)
            a = functional.relu(functional.conv2d(a, w, p[f"conv{i}.b"], 1 if pooling else 2))
            a = functional.max_pool2d(a, 2) if pooling else a
        hidden = functional.linear(a.permute(0, 2, 3, 1).flatten(1), p["fc1.w"].T, p["fc1.b"])
        y = functional.linear(functional.relu(hidden), p["fc2.w"].T, p["fc2.b"])
        return functional.cross_entropy(y, torch_t)

    torch_x, torch_t = _tensors(np.ascontiguousarray(x.transpose(0, 3, 1, 2)), t)
    name = f"small_alexnet {size} x {size}{', pooling' if pooling else ''}, batch {batch}"
    return _of(rn.models.SmallAlexNet(**form), name, x, t, forward, 2.0)


def _of(
    model: rn.models.Network, name: str, x: Any, t: Any, forward: Loss, at_most: float
) -> Comparison:
    """Return a step of one of refnet's networks beside PyTorch's."""
    model.start(x.shape[1:], rng=np.random.default_rng(0), dtype=np.float32)
    params = model.params or {}
    return _comparison(name, params, lambda p: model.loss_and_grads(p, x, t), forward, at_most)


def _comparison(
    name: str,
    params: Values,
    loss_and_grads: Callable[[Values], tuple[Any, Values]],
    forward: Loss,
    at_most: float,
) -> Comparison:
    """Return a step under momentum on either side, from the same parameters."""
    import torch

    opt = rn.optimizers.SGD(lr=LR, momentum=MOMENTUM)
    held: list[Any] = [params, opt.init(params)]

    def refnet() -> Any:
        loss, grads = loss_and_grads(held[0])
        held[:] = opt.update(held[0], grads, held[1])
        return loss

    tensors = {k: torch.from_numpy(p.copy()).requires_grad_() for k, p in params.items()}
    torch_opt = torch.optim.SGD(tensors.values(), lr=LR, momentum=MOMENTUM)

    def other() -> Any:
        torch_opt.zero_grad()
        loss = forward(tensors)
        loss.backward()
        torch_opt.step()
        return loss

    if not np.isclose(float(refnet()), float(other().detach()), rtol=1e-4):
        raise ValueError(f"{name}: the two sides compute different losses")
    return Comparison(f"training step {name}", "PyTorch", refnet, other, at_most)


def _torch_functional() -> Any:
    import torch

    return torch.nn.functional


def _tensors(*arrays: Any) -> list[Any]:
    import torch

    return [torch.from_numpy(a) for a in arrays]
