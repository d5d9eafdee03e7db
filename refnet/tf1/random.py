"""Draws, from NumPy's generators: TensorFlow draws other numbers from the same seed."""

from refnet.graph import random_normal, random_uniform, set_random_seed, truncated_normal

__all__ = [
    "normal",
    "random_normal",
    "random_uniform",
    "set_random_seed",
    "truncated_normal",
    "uniform",
]

normal, uniform = random_normal, random_uniform
