"""Graphs of TensorFlow 1, run in the calling thread as they were built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from parity.backends.base import Array


class Sessions:
    """What opens sessions of graphs, on the CPU and in one thread.

    TensorFlow's own threads take subnormal numbers for zero, and so does its eager execution. A
    session's run in the calling thread (``inter_op_thread_pool=-1``) computes as IEEE 754 has it.
    Graphs are not rewritten, so that each operation is the kernel that its name says.
    """

    def __init__(self, tf: Any) -> None:
        self.tf, tf1 = tf, tf.compat.v1
        self.config = tf1.ConfigProto(
            intra_op_parallelism_threads=1,
            inter_op_parallelism_threads=1,
            device_count={"GPU": 0},
        )
        options = self.config.graph_options
        options.rewrite_options.disable_meta_optimizer = True
        options.optimizer_options.opt_level = tf1.OptimizerOptions.L0
        self.in_this_thread = tf1.RunOptions(inter_op_thread_pool=-1)

    def open(self, graph: Any) -> Running:
        """Return a session of a finished graph."""
        return Running(self, graph)

    def placeholder(self, a: Array) -> Any:
        """Return what an array like this one is fed to."""
        return self.tf.compat.v1.placeholder(a.dtype, a.shape)


class Running:
    """An open session."""

    def __init__(self, owner: Sessions, graph: Any) -> None:
        self.owner = owner
        self.session = owner.tf.compat.v1.Session(graph=graph, config=owner.config)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def run(self, fetches: Any, feeds: Mapping[Any, Array] | None = None) -> Any:
        """Return the values of what is fetched, in its structure, given what is fed."""
        # Copies in C order: the session may compute in an array's own memory.
        given = {k: np.array(a, order="C", copy=True) for k, a in (feeds or {}).items()}
        return self.session.run(fetches, given, options=self.owner.in_this_thread)


def gradients(tf: Any, ys: Sequence[Any], xs: Sequence[Any], dys: Sequence[Any]) -> list[Any]:
    """Return TensorFlow's own gradients, dense, and zero where y does not depend on x."""
    found = tf.gradients(list(ys), list(xs), grad_ys=list(dys), unconnected_gradients="zero")
    return [tf.convert_to_tensor(g) for g in found]
