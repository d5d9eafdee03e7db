"""Reference neural-network operations, losses, layers, optimizers and models in plain NumPy.

An operation is one callable with its vector-Jacobian product beside it::

    y = rn.dense(x, w, b)                       # the value
    dx, dw, db = rn.dense.vjp(dy, x, w, b)      # the cotangent of each input

Inputs are positional and of one dtype (float16, float32, float64 or longdouble), which is also the
result's; options are keywords. No input is changed, nothing is remembered, and no result shares
memory with an input. Infinities and NaN propagate as IEEE 754 has them, under ``numpy.errstate``.
"""

from typing import TYPE_CHECKING, Any

from refnet.errors import (
    ArgumentError,
    DataFileError,
    DomainError,
    DtypeError,
    MissingDependencyError,
    OptionError,
    RefnetError,
    ShapeError,
)
from refnet.gradcheck import central_differences, complex_step, gradcheck
from refnet.losses.binary_cross_entropy import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
)
from refnet.losses.cross_entropy import cross_entropy
from refnet.losses.mean_squared_error import mean_squared_error
from refnet.losses.nll import nll
from refnet.losses.softmax_cross_entropy import softmax_cross_entropy
from refnet.op import Op, intercepted, ops
from refnet.ops.affine import affine, identity
from refnet.ops.arithmetic import add, multiply, square, subtract
from refnet.ops.batch_norm import batch_norm
from refnet.ops.dense import bias_add, dense
from refnet.ops.dropout import dropout, dropout_mask
from refnet.ops.group_norm import group_norm
from refnet.ops.joining import concat, split, stack, unstack
from refnet.ops.layer_norm import layer_norm
from refnet.ops.matmul import matmul
from refnet.ops.reduction import mean, sum
from refnet.ops.relu import relu
from refnet.ops.sigmoid import sigmoid
from refnet.ops.softmax import log_softmax, softmax
from refnet.ops.step import step
from refnet.ops.tanh import tanh

if TYPE_CHECKING:
    from refnet import data, initializers, layers, models, optimizers
    from refnet.optimizers import gradient_descent

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "DataFileError",
    "DomainError",
    "DtypeError",
    "MissingDependencyError",
    "Op",
    "OptionError",
    "RefnetError",
    "ShapeError",
    "add",
    "affine",
    "batch_norm",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "central_differences",
    "complex_step",
    "concat",
    "cross_entropy",
    "data",
    "dense",
    "dropout",
    "dropout_mask",
    "gradcheck",
    "gradient_descent",
    "group_norm",
    "identity",
    "initializers",
    "intercepted",
    "layer_norm",
    "layers",
    "log_softmax",
    "matmul",
    "mean",
    "mean_squared_error",
    "models",
    "multiply",
    "nll",
    "ops",
    "optimizers",
    "relu",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "split",
    "square",
    "stack",
    "step",
    "subtract",
    "sum",
    "tanh",
    "unstack",
]

# Imported when they are first asked for, so that `import refnet` is quick.
_LATER = {
    "data": "refnet.data",
    "gradient_descent": "refnet.optimizers",
    "initializers": "refnet.initializers",
    "layers": "refnet.layers",
    "models": "refnet.models",
    "optimizers": "refnet.optimizers",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'refnet' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_LATER[name])
    return module if module.__name__ == f"refnet.{name}" else getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
