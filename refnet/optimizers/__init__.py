"""Optimizers as values, their state as a value.

``state = opt.init(params)``, then ``params, state = opt.update(params, grads, state)``: the
arguments are untouched. Parameters and gradients are dicts from name to array.
"""

from refnet.optimizers.base import Optimizer, from_spec
from refnet.optimizers.gradient_descent import gradient_descent
from refnet.optimizers.sgd import SGD, SGDState

__all__ = ["SGD", "Optimizer", "SGDState", "from_spec", "gradient_descent"]
