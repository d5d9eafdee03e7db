"""``tf.contrib.rnn``: the cells of ``tf.nn.rnn_cell``, and what runs them."""

from refnet.tf1.missing import missing
from refnet.tf1.nn.rnn_cell import (
    BasicLSTMCell,
    BasicRNNCell,
    DropoutWrapper,
    GRUCell,
    LSTMCell,
    LSTMStateTuple,
    MultiRNNCell,
    RNNCell,
)
from refnet.tf1.nn.sequences import static_bidirectional_rnn, static_rnn

__all__ = [
    "BasicLSTMCell",
    "BasicRNNCell",
    "DropoutWrapper",
    "GRUCell",
    "LSTMCell",
    "LSTMStateTuple",
    "MultiRNNCell",
    "RNNCell",
    "static_bidirectional_rnn",
    "static_rnn",
]

__getattr__ = missing("tf.contrib.rnn", __all__)
