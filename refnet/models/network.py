"""A network that is trained: layers, a loss, an optimizer, and the values that they move."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from refnet import checks, optimizers
from refnet.admission import as_array
from refnet.arrays import Array, Shape
from refnet.data import minibatches, read_npz, write_npz
from refnet.errors import ArgumentError, ShapeError
from refnet.layers import Context, Sequential
from refnet.op import Op
from refnet.optimizers import Optimizer
from refnet.state import matched


class Network:
    """Layers with a loss and an optimizer, trained by minibatches; samples along the first axis.

    The parts are pure; the network holds ``params``, ``buffers`` (such as running statistics) and
    ``state`` (the optimizer's), which :meth:`start` makes and :meth:`fit` replaces at the end of
    each epoch.

    Parameters
    ----------
    layers : Sequential
        From a batch (N, ...) to what the loss takes.
    loss : Op
        An operation of result and targets.
    optimizer : str or Optimizer
        Such as ``"sgd(lr=0.01)"``.
    **loss_options
        Options of the loss, such as its reduction.

    Raises
    ------
    ArgumentError
        If the loss is no operation or lacks an option, or when parameters are needed and there are
        none.
    OptionError
        If the optimizer's spec names nothing.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> net = rn.models.Network(
    ...     rn.layers.Sequential(fc=rn.layers.Dense(1, init="zeros")),
    ...     rn.mean_squared_error,
    ...     optimizer="sgd(lr=0.1)",
    ... )
    >>> x = np.array([[1.0], [2.0]])
    >>> losses = net.fit(x, 3 * x, epochs=600, rng=np.random.default_rng(0))
    >>> np.round(net.params["fc.w"], 3)
    array([[3.]])
    """

    def __init__(
        self,
        layers: Sequential,
        loss: Op[Any, Any],
        *,
        optimizer: str | Optimizer,
        **loss_options: Any,
    ) -> None:
        if not isinstance(loss, Op) or not loss_options.keys() <= loss.options.keys():
            raise ArgumentError(
                type(self).__name__,
                got=f"loss={loss!r} with options {', '.join(loss_options) or 'none'}",
                needs="an operation such as refnet.mean_squared_error, and options that it has",
                cause="Was the loss passed by its name, or an option misspelt?",
            )
        self.layers = layers
        self.loss = loss
        self.loss_options = loss_options
        self.optimizer = optimizers.from_spec(optimizer)
        self.params: dict[str, Array] | None = None
        self.buffers: dict[str, Array] = {}
        self.state: Any = None

    def start(
        self, features: int | Shape, *, rng: np.random.Generator, dtype: Any = np.float64
    ) -> None:
        """Draw the parameters for samples of ``features``; forget any earlier ones.

        ``features`` is how many numbers a sample has, or its shape, such as (28, 28, 1).
        """
        sizes = features if isinstance(features, tuple | list) else (features,)
        shape = tuple(checks.count(type(self).__name__, "features", n, low=1) for n in sizes)
        self.params = self.layers.init(shape, rng, dtype)
        self.buffers = self.layers.init_buffers(shape, dtype)
        self.state = self.optimizer.init(self.params)

    def loss_and_grads(
        self, params: dict[str, Array], x: Array, t: Array, context: Context | None = None
    ) -> tuple[Array, dict[str, Array]]:
        """Return the loss of a batch and its gradient with respect to every parameter.

        Without a context it is that of evaluation, with the network's buffers.
        """
        context = Context(buffers=self.buffers) if context is None else context
        return self.layers.value_and_grads(
            params, x, t, self.loss, context=context, **self.loss_options
        )

    def fit(
        self,
        x: Array,
        t: Array,
        *,
        epochs: int,
        rng: np.random.Generator,
        batch_size: int | None = None,
        on_epoch: Callable[[int, float], None] | None = None,
    ) -> list[float]:
        """Train for ``epochs`` and return each epoch's mean of its batches' losses.

        Parameters
        ----------
        x : array (N, ...)
            Samples.
        t : array
            Targets, one per sample along the first axis.
        epochs : int
            At least 0.
        rng : numpy.random.Generator
            Draws the parameters, unless :meth:`start` has, shuffles the samples and draws what
            layers draw in training. Parameters are of the samples' dtype, or float64 where the
            samples are integers.
        batch_size : int, optional
            Samples per update; all of them, in order, by default.
        on_epoch : callable, optional
            Called with the number of epochs done and the loss of the last.

        Raises
        ------
        ShapeError
            If x is not (N, ...) with N at least 1, or there are not as many targets.
        OptionError
            If epochs or batch_size is no integer or too small.
        DtypeError
            If rng is no generator, or the dtypes of samples and parameters differ.
        DomainError
            If the loss refuses a target.

        Whatever is raised before the end of the first epoch leaves the network (started or not) and
        rng as they were. Later the network is as the last whole epoch left it.
        """
        name = type(self).__name__
        x, t = as_array(name, "x", x), as_array(name, "t", t)
        checks.generator(name, rng)
        if x.ndim < 2 or len(x) == 0 or t.shape[:1] != x.shape[:1]:
            raise ShapeError(
                name,
                got=f"x {x.shape} and t {t.shape}",
                needs="x (N, ...), N at least 1, and N targets",
                cause="Is a batch axis missing?",
            )
        total = checks.count(name, "epochs", epochs)
        size = len(x) if batch_size is None else checks.count(name, "batch_size", batch_size, low=1)
        held, drawn = (self.params, self.state, self.buffers), rng.bit_generator.state
        losses: list[float] = []
        try:
            if self.params is None:
                # Integers are numbers to look up, whose rows may be of any dtype.
                dtype = np.dtype(np.float64) if x.dtype.kind in "iu" else x.dtype
                self._check_targets(x, t, dtype)
                self.start(x.shape[1:], rng=rng, dtype=dtype)
            for epoch in range(total):
                params, state = self._started(), self.state
                context = Context(training=True, rng=rng, buffers=self.buffers)
                values = []
                for index in minibatches(len(x), size, rng=None if batch_size is None else rng):
                    point = dict(self.optimizer.gradient_point(params, state))
                    value, grads = self.loss_and_grads(point, x[index], t[index], context)
                    params, state = self.optimizer.update(params, grads, state)
                    context.buffers = {**context.buffers, **context.moved}
                    values.append(float(value))
                self.params, self.state, self.buffers = params, state, dict(context.buffers)
                losses.append(float(np.mean(values)))
                if on_epoch is not None:
                    on_epoch(epoch + 1, losses[-1])
        except BaseException:
            if not losses:  # no epoch has been kept, so nothing has happened
                self.params, self.state, self.buffers = held
                rng.bit_generator.state = drawn
            raise
        return losses

    def _check_targets(self, x: Array, t: Array, dtype: Any) -> None:
        """Refuse what the loss refuses of samples x and targets t, before anything is drawn."""
        dtype = checks.float_dtype(type(self).__name__, dtype)
        result = np.zeros((len(x), *self.layers.output_shape(x.shape[1:])), dtype)
        with np.errstate(all="ignore"):  # zeros may be no result that a network has
            self.loss(result, t, **self.loss_options)

    def predict(self, x: Array) -> Array:
        """Return the layers' result for samples x (N, ...), in evaluation."""
        return self.layers(self._started(), x, Context(buffers=self.buffers))

    def state_dict(self) -> dict[str, Array]:
        """Return copies of every parameter and buffer, by name."""
        return {name: a.copy() for name, a in {**self._started(), **self.buffers}.items()}

    def load_state_dict(self, values: Mapping[str, Array]) -> None:
        """Take the values of every parameter and buffer, and start the optimizer anew.

        Raises
        ------
        StateError
            If any is missing, unexpected, or of another shape or dtype: it lists them all, and
            nothing is changed.
        ArgumentError
            If the network has not been started, so that no shapes are known.
        """
        params = self._started()
        found = matched(type(self).__name__, {**params, **self.buffers}, values)
        self.params = {name: found[name] for name in params}
        self.buffers = {name: found[name] for name in self.buffers}
        self.state = self.optimizer.init(self.params)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write every parameter and buffer to an .npz file, whole or not at all.

        bfloat16 is refused, since such a file holds it as raw bytes alone.
        """
        write_npz(path, self.state_dict())

    def load(self, path: str | os.PathLike[str]) -> None:
        """Read what :meth:`save` wrote; see :meth:`load_state_dict`. Nothing is unpickled."""
        self.load_state_dict(read_npz(path))

    @property
    def hyperparameters(self) -> dict[str, str]:
        """What the network is made of, by name, and the size of each parameter once started."""
        found = {name: repr(layer) for name, layer in self.layers.layers.items()}
        options = ", ".join(f"{k}={v!r}" for k, v in self.loss_options.items())
        found["loss"] = f"{self.loss.name}({options})"
        found["optimizer"] = repr(self.optimizer)
        for name, p in (self.params or {}).items():
            found[name] = f"{p.shape} {p.dtype}"
        return found

    def summary(self) -> str:
        """Return the hyperparameters as text, one a line, and the number of parameters."""
        rows = self.hyperparameters
        width = max(map(len, rows))
        lines = [f"{name:<{width}}  {value}" for name, value in rows.items()]
        if self.params is not None:
            lines.append(f"{'total':<{width}}  {sum(p.size for p in self.params.values()):,}")
        return "\n".join(lines)

    def _started(self) -> dict[str, Array]:
        if self.params is None:
            raise ArgumentError(
                type(self).__name__,
                got="no parameters",
                needs="a network that start() or fit() has given parameters",
                cause="Was it made anew after training?",
            )
        return self.params
