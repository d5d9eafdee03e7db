"""Initial values of parameters, drawn from an explicit generator.

Each name here makes an :class:`Initializer`, a value that is called with a shape, a generator and
a dtype. Fans are counted from the shape, output units last: a matrix (in, out), a kernel
(KH, KW, in, out).
"""

from refnet.initializers.base import Initializer, from_spec
from refnet.initializers.constant import constant, zeros
from refnet.initializers.glorot import glorot_normal, glorot_uniform
from refnet.initializers.he import he_normal, he_uniform
from refnet.initializers.normal import std_normal, truncated_normal

__all__ = [
    "Initializer",
    "constant",
    "from_spec",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "std_normal",
    "truncated_normal",
    "zeros",
]
