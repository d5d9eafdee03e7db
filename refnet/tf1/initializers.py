"""Initializers by their later names: ``tf.initializers``."""

from refnet.graph import global_variables_initializer as global_variables
from refnet.tf1.initial_values import constant_initializer as constant
from refnet.tf1.initial_values import glorot_normal_initializer as glorot_normal
from refnet.tf1.initial_values import glorot_uniform_initializer as glorot_uniform
from refnet.tf1.initial_values import he_normal, he_uniform
from refnet.tf1.initial_values import ones_initializer as ones
from refnet.tf1.initial_values import random_normal_initializer as random_normal
from refnet.tf1.initial_values import random_uniform_initializer as random_uniform
from refnet.tf1.initial_values import truncated_normal_initializer as truncated_normal
from refnet.tf1.initial_values import variance_scaling_initializer as variance_scaling
from refnet.tf1.initial_values import zeros_initializer as zeros
from refnet.tf1.missing import missing
from refnet.tf1.variables import local_variables_initializer as local_variables
from refnet.tf1.variables import variables_initializer as variables

__all__ = [
    "constant",
    "global_variables",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "local_variables",
    "ones",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variables",
    "variance_scaling",
    "zeros",
]

__getattr__ = missing("tf.initializers", __all__)
