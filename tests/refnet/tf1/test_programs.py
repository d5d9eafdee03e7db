"""Whole programs on both systems: every loss on the way, and the weights at the end."""

import numpy as np
import pytest

from tests.refnet.tf1.agreement import flat
from tests.refnet.tf1.programs import PROGRAMS

# Of the largest value, after at most a few dozen steps in float32.
LIMIT = 2e-5


def found(tf, program):
    """Return what a program saw, in a graph of its own."""
    with tf.Graph().as_default():
        return [np.asarray(v) for v in flat(program(tf))]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_programs_learn(tf, program):
    values = found(tf, program)
    assert all(np.isfinite(v).all() for v in values)
    assert {v.dtype for v in values} <= {np.dtype(np.float32), np.dtype(np.int32)}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_programs_see_what_they_see_with_tensorflow(tf, tensorflow_of_1, program):
    ours, theirs = found(tf, program), found(tensorflow_of_1, program)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert np.abs(a - b).max() <= LIMIT * max(1.0, np.abs(b).max())
