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
    StateError,
)
from refnet.gradcheck import central_differences, complex_step, gradcheck
from refnet.losses.binary_cross_entropy import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
)
from refnet.losses.cosine import cosine
from refnet.losses.cross_entropy import cross_entropy
from refnet.losses.hinge import hinge
from refnet.losses.huber import huber, smooth_l1
from refnet.losses.kl_div import kl_div
from refnet.losses.l1 import l1
from refnet.losses.mean_squared_error import mean_squared_error
from refnet.losses.nll import nll
from refnet.losses.penalties import l1_penalty, l2_penalty
from refnet.losses.softmax_cross_entropy import softmax_cross_entropy
from refnet.op import Op, intercepted, ops
from refnet.ops.abs import abs
from refnet.ops.affine import affine, identity
from refnet.ops.arithmetic import add, multiply, square, subtract
from refnet.ops.batch_norm import batch_norm
from refnet.ops.clip import clip
from refnet.ops.conv1d import conv1d
from refnet.ops.conv2d import conv2d
from refnet.ops.conv2d_transpose import conv2d_transpose
from refnet.ops.dense import bias_add, dense
from refnet.ops.divide import divide
from refnet.ops.dropout import dropout, dropout_mask
from refnet.ops.elementary import cos, exp, log, sin, sqrt
from refnet.ops.elu import elu, selu
from refnet.ops.embedding import embedding
from refnet.ops.extremes import max, maximum, min, minimum
from refnet.ops.gelu import gelu
from refnet.ops.group_norm import group_norm
from refnet.ops.gru import gru, gru_cell
from refnet.ops.hard_sigmoid import hard_sigmoid
from refnet.ops.hard_tanh import hard_tanh
from refnet.ops.joining import concat, split, stack, unstack
from refnet.ops.layer_norm import layer_norm
from refnet.ops.leaky_relu import leaky_relu, prelu
from refnet.ops.lstm import lstm, lstm_cell
from refnet.ops.matmul import matmul
from refnet.ops.mish import mish
from refnet.ops.one_hot import one_hot
from refnet.ops.pad import pad
from refnet.ops.pooling import avg_pool2d, global_avg_pool2d, global_max_pool2d, max_pool2d
from refnet.ops.power import power
from refnet.ops.reduction import mean, sum
from refnet.ops.relu import relu
from refnet.ops.reshaping import reshape, transpose
from refnet.ops.rnn import rnn, rnn_cell
from refnet.ops.sigmoid import sigmoid
from refnet.ops.silu import silu
from refnet.ops.slice import slice
from refnet.ops.softmax import log_softmax, softmax
from refnet.ops.softplus import softplus
from refnet.ops.softsign import softsign
from refnet.ops.step import step
from refnet.ops.tanh import tanh
from refnet.ops.tile import tile
from refnet.ops.var import var
from refnet.ops.where import where

if TYPE_CHECKING:
    from refnet import data, initializers, layers, models, optimizers
    from refnet.optimizers.gradient_descent import gradient_descent
    from refnet.systems import conventions

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
    "StateError",
    "abs",
    "add",
    "affine",
    "avg_pool2d",
    "batch_norm",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "central_differences",
    "clip",
    "complex_step",
    "concat",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "conventions",
    "cos",
    "cosine",
    "cross_entropy",
    "data",
    "dense",
    "divide",
    "dropout",
    "dropout_mask",
    "elu",
    "embedding",
    "exp",
    "gelu",
    "global_avg_pool2d",
    "global_max_pool2d",
    "gradcheck",
    "gradient_descent",
    "group_norm",
    "gru",
    "gru_cell",
    "hard_sigmoid",
    "hard_tanh",
    "hinge",
    "huber",
    "identity",
    "initializers",
    "intercepted",
    "kl_div",
    "l1",
    "l1_penalty",
    "l2_penalty",
    "layer_norm",
    "layers",
    "leaky_relu",
    "log",
    "log_softmax",
    "lstm",
    "lstm_cell",
    "matmul",
    "max",
    "max_pool2d",
    "maximum",
    "mean",
    "mean_squared_error",
    "min",
    "minimum",
    "mish",
    "models",
    "multiply",
    "nll",
    "one_hot",
    "ops",
    "optimizers",
    "pad",
    "power",
    "prelu",
    "relu",
    "reshape",
    "rnn",
    "rnn_cell",
    "selu",
    "sigmoid",
    "silu",
    "sin",
    "slice",
    "smooth_l1",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "softsign",
    "split",
    "sqrt",
    "square",
    "stack",
    "step",
    "subtract",
    "sum",
    "tanh",
    "tile",
    "transpose",
    "unstack",
    "var",
    "where",
]

# Imported when they are first asked for, so that `import refnet` is quick.
_LATER = {
    "conventions": "refnet.systems",
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
