"""Optimizers as values, their state as a value.

``state = opt.init(params)``, then ``params, state = opt.update(params, grads, state)``: the
arguments are untouched. Parameters and gradients are dicts from name to array. The gradients are
those at ``opt.gradient_point(params, state)``, which is ``params`` but for look-ahead Nesterov.

Where systems disagree, the difference is a named field; ``rn.conventions`` knows which system has
which, and ``Adam.like("keras")`` is one call.
"""

from refnet.optimizers.adadelta import AdaDelta, AdaDeltaState
from refnet.optimizers.adagrad import AdaGrad, AdaGradState
from refnet.optimizers.adam import Adam, AdamState, AdamW
from refnet.optimizers.adamax import AdaMax, AdaMaxState
from refnet.optimizers.base import Optimizer
from refnet.optimizers.clipping import Clip, ClipByGlobalNorm, ClipByValue
from refnet.optimizers.gradient_descent import gradient_descent
from refnet.optimizers.nadam import Nadam, NadamState
from refnet.optimizers.registry import from_spec
from refnet.optimizers.rmsprop import RMSProp, RMSPropState
from refnet.optimizers.schedules import (
    Constant,
    Cosine,
    Exponential,
    Schedule,
    StepDecay,
    TimeDecay,
    WarmUp,
)
from refnet.optimizers.sgd import SGD, Momentum, Nesterov, SGDState

__all__ = [
    "SGD",
    "AdaDelta",
    "AdaDeltaState",
    "AdaGrad",
    "AdaGradState",
    "AdaMax",
    "AdaMaxState",
    "Adam",
    "AdamState",
    "AdamW",
    "Clip",
    "ClipByGlobalNorm",
    "ClipByValue",
    "Constant",
    "Cosine",
    "Exponential",
    "Momentum",
    "Nadam",
    "NadamState",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "RMSPropState",
    "SGDState",
    "Schedule",
    "StepDecay",
    "TimeDecay",
    "WarmUp",
    "from_spec",
    "gradient_descent",
]
