"""What a layer is, and how a forward pass is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array, Shape
from refnet.errors import ArgumentError, ShapeError

Params = Mapping[str, Array]


class Context:
    """How a forward pass is meant: to evaluate or to train, and what training needs beside values.

    Attributes
    ----------
    training : bool
        Whether batch statistics are taken and units dropped.
    rng : numpy.random.Generator or None
        Draws what training draws, such as the masks of dropout.
    masks : mapping or None
        Masks of dropout that are not drawn but handed over, by the layer's name: arrays of the
        shape of its input, 1 for what is kept and 0 for what is dropped. A layer that is not among
        them draws its own.
    buffers : mapping
        Values that training moves without a gradient, such as running statistics, by name.
    moved : dict
        What a forward pass in training made of them; the caller decides whether to keep it.
    """

    __slots__ = ("buffers", "masks", "moved", "rng", "training")

    def __init__(
        self,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        buffers: Params | None = None,
        masks: Params | None = None,
    ) -> None:
        self.training = training
        self.rng = rng
        self.buffers: Params = {} if buffers is None else buffers
        self.masks: Params = {} if masks is None else masks
        self.moved: dict[str, Array] = {}


EVALUATION = Context()


class Layer:
    """A pure function of parameters and input, with its VJP.

    A layer holds options, never values. Its parameters live in the caller's dict under names that
    start with ``prefix``; ``parameters`` and ``buffers`` are its own names, without it. What it
    needs to know of its input, such as the number of channels, it learns from the shape that
    :meth:`init` is given.
    """

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the values that have gradients."""
        return ()

    @property
    def buffers(self) -> tuple[str, ...]:
        """The names of the values that training moves without a gradient."""
        return ()

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the shape of every parameter for samples of ``shape``, by its own name."""
        return {k: p.shape for k, p in self.init(shape, np.random.default_rng(0)).items()}

    def init(
        self, shape: Shape, rng: np.random.Generator, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return parameters for samples of ``shape`` (without the batch axis)."""
        return {}

    def init_buffers(
        self, shape: Shape, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return buffers as they are before training, for samples of ``shape``."""
        return {}

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one sample's result, or raise ShapeError."""
        return sample_shape(self, shape)

    def forward(
        self, params: Params, x: Array, prefix: str = "", context: Context = EVALUATION
    ) -> tuple[Array, Any]:
        """Return the result for a batch x, and the tape that :meth:`vjp` needs."""
        raise NotImplementedError

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return the cotangent of the input (None unless ``wrt_input``) and of the parameters."""
        raise NotImplementedError


def sample_shape(layer: Layer, shape: Any) -> Shape:
    """Return ``shape`` if it is the shape of a sample: a tuple of sizes."""
    if not isinstance(shape, tuple) or not all(checks.is_integer(n) and n >= 0 for n in shape):
        raise ShapeError(
            type(layer).__name__,
            got=f"samples of shape {shape!r}",
            needs="samples of shape (C,), (H, W, C) or the like: a tuple of sizes",
            cause="Is a comma missing, as in (4,)?",
        )
    return shape


def batch(layer: Layer, x: Any, ndim: int, needs: str) -> Array:
    """Return ``x`` as an array of at least ``ndim`` dimensions."""
    name = type(layer).__name__
    a = as_array(name, "x", x)
    if a.ndim < ndim:
        raise ShapeError(
            name, got=f"x of shape {a.shape}", needs=f"x {needs}", cause="Is a batch axis missing?"
        )
    return a


def absent(layer: Layer, what: str, name: str, prefix: str) -> ArgumentError:
    """Return the error that says which of a layer's parameters or buffers is not there."""
    return ArgumentError(
        type(layer).__name__,
        got=f"{what} without {prefix + name!r}",
        needs=f"{what} with the names that init() gave, here under {prefix!r}",
        cause="Do they belong to another network?",
    )
