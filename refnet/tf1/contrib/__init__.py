"""What programs used most of ``tf.contrib``, which later versions of TensorFlow do not have."""

from refnet.tf1.contrib import layers, rnn
from refnet.tf1.missing import missing

__all__ = ["layers", "rnn"]

__getattr__ = missing("tf.contrib", __all__)
