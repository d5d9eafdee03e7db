"""Layers: operations with parameters, composed; parameters are a dict from name to array."""

from refnet.layers.activation import Activation
from refnet.layers.base import Context, Layer
from refnet.layers.dense import Dense
from refnet.layers.sequential import Sequential

__all__ = ["Activation", "Context", "Dense", "Layer", "Sequential"]
