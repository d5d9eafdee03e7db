"""Judges for tests: PyTorch under other names, some of them wrong in one thing."""

from __future__ import annotations

from parity.backends.torch import TorchAdapter


class Second(TorchAdapter):
    """PyTorch, without softsign."""

    name = "second"

    def __init__(self):
        super().__init__()
        self._operations.pop("softsign")


class Third(TorchAdapter):
    """Its square and its optimizers' gradients, those of training among them, are too large."""

    name = "third"
    factor = 1.01

    def __init__(self):
        super().__init__()
        square = self._operations["square"]
        self._operations["square"] = lambda x: square(x) * self.factor

    def _updates(self, name, params, grads, **options):
        larger = [{key: g * g.dtype.type(self.factor) for key, g in gs.items()} for gs in grads]
        return super()._updates(name, params, larger, **options)

    def trainers(self):
        def off(make):
            return lambda *args: Off(make(*args), self.factor)

        return {name: off(make) for name, make in super().trainers().items()}


class Off:
    """A trainer whose loss is too large."""

    def __init__(self, inner, factor):
        self.inner, self.factor = inner, factor
        self.slots, self.predict = inner.slots, inner.predict

    def step(self, *args):
        taken = self.inner.step(*args)
        return taken._replace(loss=taken.loss * taken.loss.dtype.type(self.factor))


class Alike(Third):
    """Wrong as Third is."""

    name = "alike"


class Fourth(Third):
    """Wrong in another way than Third is."""

    name = "fourth"
    factor = 1.02


class Raising(TorchAdapter):
    """Its square raises."""

    name = "raising"

    def __init__(self):
        super().__init__()

        def square(x):
            raise OSError("out of order")

        self._operations["square"] = square
