"""Operations of neural networks under TensorFlow's names: ``tf.nn``."""

from refnet.tf1.missing import missing
from refnet.tf1.nn import rnn_cell
from refnet.tf1.nn.activations import (
    crelu,
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
    swish,
    tanh,
)
from refnet.tf1.nn.convolutions import (
    atrous_conv2d,
    conv1d,
    conv2d_transpose,
    depthwise_conv2d,
    separable_conv2d,
)
from refnet.tf1.nn.layers import (
    bias_add,
    dropout,
    embedding_lookup,
    in_top_k,
    relu_layer,
    xw_plus_b,
    zero_fraction,
)
from refnet.tf1.nn.losses import (
    l2_loss,
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from refnet.tf1.nn.normalization import (
    batch_norm_with_global_normalization,
    batch_normalization,
    fused_batch_norm,
    l2_normalize,
    lrn,
    moments,
)
from refnet.tf1.nn.sequences import (
    bidirectional_dynamic_rnn,
    dynamic_rnn,
    static_bidirectional_rnn,
    static_rnn,
)
from refnet.tf1.nn.windows import avg_pool, conv2d, max_pool, max_pool2d
from refnet.tf1.picking import top_k

local_response_normalization, avg_pool2d = lrn, avg_pool

__all__ = [
    "atrous_conv2d",
    "avg_pool",
    "avg_pool2d",
    "batch_norm_with_global_normalization",
    "batch_normalization",
    "bias_add",
    "bidirectional_dynamic_rnn",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "crelu",
    "depthwise_conv2d",
    "dropout",
    "dynamic_rnn",
    "elu",
    "embedding_lookup",
    "fused_batch_norm",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "local_response_normalization",
    "log_softmax",
    "lrn",
    "max_pool",
    "max_pool2d",
    "moments",
    "relu",
    "relu6",
    "relu_layer",
    "rnn_cell",
    "selu",
    "separable_conv2d",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "static_bidirectional_rnn",
    "static_rnn",
    "swish",
    "tanh",
    "top_k",
    "weighted_cross_entropy_with_logits",
    "xw_plus_b",
    "zero_fraction",
]

_SAMPLED = "It compares with classes that are drawn: softmax_cross_entropy_with_logits with all."

__getattr__ = missing(
    "tf.nn",
    __all__,
    {
        "nce_loss": _SAMPLED,
        "sampled_softmax_loss": _SAMPLED,
        "raw_rnn": "dynamic_rnn takes sequences of lengths of their own.",
        "rnn": "Since TensorFlow 1.0 it is static_rnn.",
        "bidirectional_rnn": "Since TensorFlow 1.0 it is static_bidirectional_rnn.",
    },
)
