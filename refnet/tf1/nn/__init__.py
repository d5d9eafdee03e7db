"""Operations of neural networks under TensorFlow's names: ``tf.nn``."""

from refnet.tf1.missing import missing
from refnet.tf1.nn.activations import (
    elu,
    leaky_relu,
    log_softmax,
    relu,
    relu6,
    selu,
    sigmoid,
    softmax,
    softplus,
    softsign,
    tanh,
)
from refnet.tf1.nn.layers import (
    bias_add,
    dropout,
    embedding_lookup,
    in_top_k,
    relu_layer,
    xw_plus_b,
)
from refnet.tf1.nn.losses import (
    l2_loss,
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from refnet.tf1.nn.normalization import batch_normalization, l2_normalize, lrn, moments
from refnet.tf1.nn.windows import avg_pool, conv2d, max_pool

local_response_normalization = lrn

__all__ = [
    "avg_pool",
    "batch_normalization",
    "bias_add",
    "conv2d",
    "dropout",
    "elu",
    "embedding_lookup",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "local_response_normalization",
    "log_softmax",
    "lrn",
    "max_pool",
    "moments",
    "relu",
    "relu6",
    "relu_layer",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "tanh",
    "xw_plus_b",
]

__getattr__ = missing("tf.nn", __all__)
