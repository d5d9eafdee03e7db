"""Functions of both systems evaluated alike: values, gradients, dtypes and shapes.

A row is a name, ``build(tf, *nodes)``, which returns a node or several, and the arrays that the
nodes are fed; arrays of floats are taken in either precision.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

# In units of the last place of the largest value: sums are added up in another order, and
# elementary functions are another library's.
ULPS = 256


class Rows(dict[str, Any]):
    """A table of rows by name, with which a test is parametrised."""

    def add(self, name, build, *arrays):
        """Take in a row."""
        assert name not in self
        self[name] = (build, arrays)


def drawn(*shape, seed=0, low=None, high=None):
    """Return random numbers, distinct for distinct shapes, without an axis's length in common."""
    rng = np.random.default_rng([seed, *shape])
    if low is None:
        return rng.standard_normal(shape)
    return rng.uniform(low, high, shape)


def flat(found):
    """Return the leaves of a structure of lists, tuples and dicts."""
    if isinstance(found, Mapping):
        return [leaf for v in found.values() for leaf in flat(v)]
    if isinstance(found, list | tuple):
        return [leaf for v in found for leaf in flat(v)]
    return [found]


def evaluated(tf, row, dtype):
    """Return the values of a row's nodes and, with random cotangents, the inputs' gradients.

    Also the shapes that are known before a run: those of placeholders are, but for their first
    lengths.
    """
    build, arrays = row
    graph = tf.Graph()
    with graph.as_default(), tf.Session(graph=graph) as session:
        nodes, feeds, wrt = [], {}, []
        for a in map(np.asarray, arrays):
            if a.dtype.kind == "f":
                a = a.astype(dtype)
            node = tf.placeholder(a.dtype, a.shape)
            nodes.append(node)
            feeds[node] = a
            if a.dtype.kind == "f":
                wrt.append(node)
        ys = flat(build(tf, *nodes))
        session.run(tf.global_variables_initializer())
        values = session.run(ys, feeds)
        for y, v in zip(ys, values, strict=True):  # what is known before holds
            assert y.get_shape().is_compatible_with(np.shape(v)), (y, np.shape(v))
        rng = np.random.default_rng(7)
        floats = [(y, v) for y, v in zip(ys, values, strict=True) if v.dtype.kind == "f"]
        dys = [np.asarray(rng.standard_normal(v.shape), v.dtype) for _, v in floats]
        grads = []
        if floats and wrt:
            seeds = [tf.constant(dy) for dy in dys]
            found = tf.gradients([y for y, _ in floats], wrt, grad_ys=seeds)
            grads = [None if g is None else session.run(_dense(tf, g), feeds) for g in found]
        return values, grads, [y.get_shape().as_list() for y in ys]


def _dense(tf, g):
    return g if hasattr(g, "dtype") and hasattr(g, "get_shape") else tf.convert_to_tensor(g)


def check_agreement(tf, tensorflow, row, dtype=np.float64):
    """Compare a row in the two systems."""
    ours, our_grads, our_shapes = evaluated(tf, row, dtype)
    theirs, their_grads, their_shapes = evaluated(tensorflow, row, dtype)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        close(a, b)
    for a, b in zip(our_shapes, their_shapes, strict=True):
        assert len(a) == len(b)
        assert all(m in (n, None) or n is None for m, n in zip(a, b, strict=True)), (a, b)
    for a, b in zip(our_grads, their_grads, strict=True):
        if a is None or b is None:  # no way to the input, or a gradient that is 0 everywhere
            assert not np.any(0 if a is None else a)
            assert not np.any(0 if b is None else b)
        else:
            close(a, b)


def close(a, b):
    """Fail unless two arrays are of one dtype and shape, and equal but for rounding."""
    a, b = np.asarray(a), np.asarray(b)
    assert (a.dtype, a.shape) == (b.dtype, b.shape)
    if a.dtype.kind != "f":
        np.testing.assert_array_equal(a, b)
        return
    scale = max(1.0, np.abs(b[np.isfinite(b)]).max(initial=0))
    limit = ULPS * np.finfo(a.dtype).eps * scale
    with np.errstate(invalid="ignore"):
        apart = np.abs(a - b)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    assert ((apart <= limit) | same).all(), f"{np.max(apart)} apart, at most {limit}"


def check_gradients(tf, row):
    """Compare a row's gradients with a central difference, along a random direction."""
    build, arrays = row
    arrays = [np.asarray(a) for a in arrays]
    if not any(a.dtype.kind == "f" for a in arrays):
        return
    values, grads, _ = evaluated(tf, row, np.float64)
    rng = np.random.default_rng(7)
    dys = [rng.standard_normal(v.shape) if v.dtype.kind == "f" else None for v in values]
    along = np.random.default_rng(11)
    h = 2.0**-17
    directions = [
        along.standard_normal(a.shape) if a.dtype.kind == "f" else np.zeros(a.shape, a.dtype)
        for a in arrays
    ]

    def total(sign):
        moved = [
            a + sign * h * v if a.dtype.kind == "f" else a
            for a, v in zip(arrays, directions, strict=True)
        ]
        found = evaluated(tf, (build, moved), np.float64)[0]
        parts = [(dy * y).sum() for dy, y in zip(dys, found, strict=True) if dy is not None]
        return sum(parts), sum(map(abs, parts))

    (upper, size), (lower, _) = total(1), total(-1)
    floats = [v for a, v in zip(arrays, directions, strict=True) if a.dtype.kind == "f"]
    expected = sum((g * v).sum() for g, v in zip(grads, floats, strict=False) if g is not None)
    assert abs((upper - lower) / (2 * h) - expected) < 1e-6 * max(1.0, size, abs(expected))
