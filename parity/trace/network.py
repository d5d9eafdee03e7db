"""Record what a network of refnet does while it is trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from parity.trace.arrays import Array
from parity.trace.names import named
from parity.trace.recorder import Recorder
from refnet.models import Network
from refnet.op import intercepted
from refnet.optimizers import Optimizer


@contextmanager
def attach_network(
    network: Network, recorder: Recorder, *, branches: bool = False
) -> Iterator[None]:
    """Record a network's training within the block, by ``fit`` or a loop of one's own.

    Each update of its optimizer becomes a step: batch, loss and gradients, and the parameters,
    every slot and the learning rate, named as :func:`~parity.trace.attach` names them. The state
    before the first update becomes step 0 if nothing has been recorded yet. With ``branches`` there
    is also which units of each ReLU are active, as ``branch/relu 0``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np, refnet as rn
    >>> from parity.trace import Recording
    >>> from refnet.models.xor import T, X
    >>> net = rn.models.XOR(hidden=4, optimizer="sgd(lr=0.1, momentum=0.9)")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "xor.trace"
    ...     with Recorder(path, model="xor") as recorder, attach_network(net, recorder):
    ...         losses = net.fit(X, T, epochs=10, rng=np.random.default_rng(0))
    ...     recording = Recording(path)
    ...     print(len(recording), *recording.at(1).slots["momentum_buffer"])
    11 fc1.w fc1.b fc2.w fc2.b
    """
    optimizer, loss_and_grads = network.optimizer, network.loss_and_grads
    noted: dict[str, Any] = {}

    def observed(params: Any, x: Any, t: Any, *args: Any, **kwargs: Any) -> Any:
        seen: dict[str, Array] = {}
        with intercepted(_noting_relus(seen)) if branches else nullcontext():
            loss, grads = loss_and_grads(params, x, t, *args, **kwargs)
        noted.clear()
        noted.update(named(batch={"x": x, "t": t}, branches=seen, loss=loss))
        return loss, grads

    network.optimizer = _Observed(optimizer, recorder, noted)
    network.loss_and_grads = observed  # type: ignore[method-assign]
    try:
        yield
    finally:
        network.optimizer = optimizer
        del network.loss_and_grads


class _Observed:
    """An optimizer whose updates are recorded, with what was noted for them."""

    def __init__(self, inner: Optimizer, recorder: Recorder, noted: dict[str, Any]) -> None:
        self.inner, self.recorder, self.noted = inner, recorder, noted

    def __repr__(self) -> str:
        return repr(self.inner)

    def init(self, params: Any) -> Any:
        return self.inner.init(params)

    def gradient_point(self, params: Any, state: Any) -> Any:
        return self.inner.gradient_point(params, state)

    def update(self, params: Any, grads: Any, state: Any) -> Any:
        if self.recorder.last is None:
            start = named(slots=_slots(state), parameters=params)
            self.recorder.write(0, start, {"optimizer": repr(self.inner)})
        moved, after = self.inner.update(params, grads, state)
        step = named(
            gradients=grads,
            options=_rates(self.inner, state),
            slots=_slots(after),
            parameters=moved,
        )
        self.recorder.step(**{**self.noted, **step})
        self.noted.clear()
        return moved, after


def _noting_relus(seen: dict[str, Array]) -> Callable[[str, Array], Array]:
    def note(name: str, result: Array) -> Array:
        if name == "relu":
            seen[f"relu {len(seen)}"] = result > 0
        return result

    return note


def _slots(state: Any) -> dict[str, Any]:
    """Return a state's slots by name; the count of steps is the recording's own."""
    return {k: v for k, v in state._asdict().items() if isinstance(v, Mapping)}


def _rates(optimizer: Any, state: Any) -> dict[str, list[float]]:
    """Return the learning rate of an update: a number, or a schedule of the updates done."""
    rate = getattr(optimizer, "lr", None)
    if callable(rate):
        rate = rate(state.step)
    return {"lr": [rate]} if isinstance(rate, int | float) else {}
