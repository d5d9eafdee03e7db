"""The recurrent network of the sources that learns to add binary numbers, a bit at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array, Shape
from refnet.data.binary_addition import binary_addition, checked_width, from_bits, to_bits
from refnet.errors import ShapeError
from refnet.initializers import Initializer
from refnet.layers import RNN, Activation, Context, Dense, Reshape, Sequential
from refnet.layers.base import EVALUATION, Params, batch
from refnet.losses.mean_squared_error import mean_squared_error
from refnet.models.network import Network
from refnet.ops.rnn import rnn
from refnet.optimizers import Optimizer

# What the sources start from, float32: the rows of rnn.w; out.w is its first row.
_INITIAL = """
-0.08113182 0.14845988 0.0065329373 0.00992484 0.06396971 0.16108713 0.016353562 -0.15157056
0.13587774 0.054174133 -0.08600988 -0.00040245964 0.055171248 -0.013107552 -0.0044813864 0.06709832
-0.020888524 0.00054218824 0.031266253 0.05998527 -0.036332108 -0.0072051547 -0.05527937 0.010289733
-0.067590594 0.028665831 0.03215887 0.121246375 -0.14034753 0.0008457509 -0.035717964 0.030106602
-0.16338211 0.024209403 0.051577866 -0.04190587 0.12409041 0.044875886 0.033140723 0.018946944
-0.0666205 -0.041678302 0.18211031 0.0680353 -0.049349837 -0.10575068 -0.0866318 -0.19345729
0.04291683 0.0032098552 0.011945235 -0.1552837 0.06484342 0.07730331 -0.019388964 -0.16094308
0.06483867 -0.16894096 -0.15745625 0.06466162 0.11944131 0.015362588 -0.07329383 0.1313663
0.03453908 -0.19388787 -0.14432244 -0.13716832 0.1659423 0.063163154 0.048179213 0.078490384
0.036194574 -0.096481614 -0.0018047544 0.008827074 0.028742958 -0.08487942 -0.104786456 -0.1111475
"""


def parameters(dtype: Any = np.float64) -> dict[str, Array]:
    """Return the parameters that the sources start from, of 8 hidden units.

    They are a truncated normal of deviation 0.1 as TensorFlow drew it; the biases are zero.

    Raises
    ------
    DtypeError
        If dtype is no float dtype.

    Examples
    --------
    >>> {name: p.shape for name, p in parameters().items()}
    {'rnn.w': (10, 8), 'rnn.b': (8,), 'out.w': (8, 1), 'out.b': (1,)}
    """
    wanted = checks.float_dtype("parameters", dtype)
    w = np.array(_INITIAL.split(), np.float32).astype(wanted).reshape(10, 8)
    return {
        "rnn.w": w,
        "rnn.b": np.zeros(8, wanted),
        "out.w": w[0, :, np.newaxis].copy(),
        "out.b": np.zeros(1, wanted),
    }


class BinaryAdder(Network):
    """A recurrent network over the bits of two addends: x (N, bits, 2) -> (N, bits).

    At each bit, the least significant first, state = tanh([x, state] w + b) from a state of zeros,
    and the sum's bit is sigmoid(state out.w + out.b). The loss is the squared error, averaged over
    samples and bits. ``rnn.w`` has the rows of the input above those of the state.

    The sources train 8 hidden units for 500 updates, each on 100 sums drawn anew.

    Parameters
    ----------
    hidden : int
        Hidden units.
    init : str or Initializer
        How both weights start.
    optimizer : str or Optimizer
        Momentum 0.95 with lr 1 in the sources.

    Raises
    ------
    OptionError
        If hidden is no integer of at least 1, or a spec names nothing.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> model = rn.models.BinaryAdder(optimizer="sgd(lr=2.0, momentum=0.9)")
    >>> losses = model.fit_drawn(300, rng=np.random.default_rng(0))
    >>> losses[0] > 0.2 > 0.01 > losses[-1]
    True
    >>> model.add([20, 100], [22, 27])
    array([ 42, 127])
    """

    def __init__(
        self,
        hidden: int = 8,
        *,
        init: str | Initializer = "truncated_normal(std=0.1)",
        optimizer: str | Optimizer = "sgd(lr=1.0, momentum=0.95)",
    ) -> None:
        units = checks.count("BinaryAdder", "hidden", hidden, low=1)
        layers = Sequential(
            rnn=StackedRNN(units, init=init),
            out=_DenseSteps(1, init=init),
            sigmoid=Activation("sigmoid"),
            bits=Reshape((-1,)),
        )
        super().__init__(layers, mean_squared_error, optimizer=optimizer)

    def fit_drawn(
        self,
        updates: int,
        *,
        rng: np.random.Generator | np.random.RandomState,
        batch_size: int = 100,
        bits: int = 8,
        on_update: Callable[[int, Array, Array], None] | None = None,
    ) -> list[float]:
        """Train on sums drawn anew for every update; return the loss before each.

        Parameters
        ----------
        updates, batch_size : int
            Updates, and sums per update.
        rng : numpy.random.Generator or numpy.random.RandomState
            Draws the sums, and before them the parameters unless the network has been started; for
            that it must be a Generator.
        bits : int
            Bits of a sum.
        on_update : callable, optional
            Called after each update with the number of updates done and the batch x, t.

        Raises
        ------
        OptionError
            If updates, batch_size or bits is no integer or out of range.
        DtypeError
            If rng is no generator, or draws no parameters where there are none.
        """
        name = type(self).__name__
        total = checks.count(name, "updates", updates)
        size = checks.count(name, "batch_size", batch_size, low=1)
        width = checked_width(name, bits)
        if self.params is None:
            self.start((width, 2), rng=checks.generator(name, rng))
        dtype = self._started()["rnn.w"].dtype
        losses = []
        for update in range(total):
            x, t = binary_addition(size, rng=rng, bits=width, dtype=dtype)
            params = self._started()
            point = dict(self.optimizer.gradient_point(params, self.state))
            value, grads = self.loss_and_grads(point, x, t)
            self.params, self.state = self.optimizer.update(params, grads, self.state)
            losses.append(float(value))
            if on_update is not None:
                on_update(update + 1, x, t)
        return losses

    def evaluate(self, x: Array, t: Array) -> float:
        """Return the share of sums t (N, bits) that come out right in every bit; NaN is wrong.

        Raises
        ------
        ShapeError
            If there are no samples, or x and t do not fit each other.
        """
        x, t = as_array("BinaryAdder", "x", x), as_array("BinaryAdder", "t", t)
        if x.ndim != 3 or len(x) == 0 or t.shape != x.shape[:2]:
            raise ShapeError(
                "BinaryAdder",
                got=f"x {x.shape} and t {t.shape}",
                needs="x (N, bits, 2), N at least 1, and t (N, bits)",
                cause="Are they of different batches?",
            )
        found = self.predict(x)
        right = ((found > 0.5) == (t > 0.5)) & ~np.isnan(found)
        return float(np.mean(right.all(axis=1)))

    def add(self, a: Any, b: Any, *, bits: int = 8) -> Array:
        """Return the network's sums of integers a and b (N,), each of ``bits`` bits.

        Raises
        ------
        DtypeError, DomainError
            If a or b are no integers, a number is negative or has more bits, or a result is NaN.
        ShapeError
            If a and b are not of one shape.
        """
        dtype = self._started()["rnn.w"].dtype
        addends = [to_bits(numbers, bits=bits, dtype=dtype) for numbers in (a, b)]
        if addends[0].shape != addends[1].shape or addends[0].ndim != 2:
            raise ShapeError(
                "BinaryAdder",
                got=f"a {addends[0].shape[:-1]} and b {addends[1].shape[:-1]}",
                needs="as many numbers in a as in b, (N,)",
                cause="Is a single number passed without a list?",
            )
        return from_bits(self.predict(np.stack(addends, axis=-1)))


class StackedRNN(RNN):
    """A recurrent layer whose weight w (C + H, H) has the input's rows above the state's."""

    def __init__(self, units: int, *, init: str | Initializer) -> None:
        super().__init__(units, sequences=True, init=init)
        self.initial = {"w": self.initial["w_x"], "b": self.initial["b"]}
        self._parameters = ("w", "b")

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return those of w (C + units, units) and b (units,), for samples (T, C)."""
        shapes = super().parameter_shapes(shape)
        return {"w": (shape[1] + self.units, self.units), "b": shapes["b"]}

    def output_shape(self, shape: Shape) -> Shape:
        """Return (T, units)."""
        super().parameter_shapes(shape)
        return shape[0], self.units

    def forward(
        self,
        params: Params,
        x: Array,
        prefix: str = "",
        context: Context = EVALUATION,  # noqa: ARG002
    ) -> tuple[Array, Any]:
        """Return every state (N, T, units), and the VJP as the tape."""
        x = batch(self, x, 3, "(N, T, C)")
        w, b = params[prefix + "w"], params[prefix + "b"]
        c = x.shape[2]
        if len(w) != c + self.units:
            raise ShapeError(
                type(self).__name__,
                got=f"x {x.shape} and w {w.shape}",
                needs=f"x (N, T, {len(w) - self.units}), as many features as w has rows for",
                cause="Is the axis of features not the last?",
            )
        start = np.zeros((len(x), self.units), x.dtype)
        steps = np.ascontiguousarray(x.swapaxes(0, 1))
        (states, _), tape = rnn.with_vjp(steps, start, w[:c], w[c:], b)
        return np.ascontiguousarray(states.swapaxes(0, 1)), tape

    def vjp(
        self,
        dy: Array,
        params: Params,  # noqa: ARG002
        tape: Any,
        prefix: str = "",
        *,
        wrt_input: bool = True,
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and the gradients of w and b."""
        wanted = ("xs", "w_x", "w_h", "b") if wrt_input else ("w_x", "w_h", "b")
        dx, _, dw_x, dw_h, db = tape((np.ascontiguousarray(dy.swapaxes(0, 1)), None), wrt=wanted)
        grads = {prefix + "w": np.concatenate([dw_x, dw_h]), prefix + "b": db}
        return None if dx is None else np.ascontiguousarray(dx.swapaxes(0, 1)), grads


class _DenseSteps(Dense):
    """The dense layer at every step of a sequence: (T, C) -> (T, units)."""

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return those of w (C, units) and b (units,), for samples (T, C)."""
        return super().parameter_shapes(shape[1:])
