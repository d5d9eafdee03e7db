"""Matrices by their later names: ``tf.linalg``."""

from refnet.tf1.arithmetic import matmul
from refnet.tf1.arrays import eye, matrix_transpose
from refnet.tf1.matrices import diag, diag_part, tensordot, trace
from refnet.tf1.missing import missing
from refnet.tf1.nn.normalization import l2_normalize
from refnet.tf1.reductions import global_norm, norm

transpose = matrix_transpose
tensor_diag, tensor_diag_part = diag, diag_part

__all__ = [
    "eye",
    "global_norm",
    "l2_normalize",
    "matmul",
    "matrix_transpose",
    "norm",
    "tensor_diag",
    "tensor_diag_part",
    "tensordot",
    "trace",
    "transpose",
]

__getattr__ = missing("tf.linalg", __all__)
