"""Layers: operations with parameters, composed; parameters are a dict from name to array."""

from refnet.layers.activation import Activation
from refnet.layers.base import Context, Layer
from refnet.layers.convolution import Conv1D, Conv2D, Conv2DTranspose
from refnet.layers.dense import Dense
from refnet.layers.dropout import Dropout
from refnet.layers.embedding import Embedding
from refnet.layers.normalization import BatchNorm, GroupNorm, LayerNorm
from refnet.layers.pooling import AvgPool2D, GlobalAvgPool2D, GlobalMaxPool2D, MaxPool2D
from refnet.layers.prelu import PReLU
from refnet.layers.recurrent import GRU, LSTM, RNN
from refnet.layers.sequential import Sequential
from refnet.layers.shaping import Flatten, Reshape

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "AvgPool2D",
    "BatchNorm",
    "Context",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "GroupNorm",
    "Layer",
    "LayerNorm",
    "MaxPool2D",
    "PReLU",
    "Reshape",
    "Sequential",
]
