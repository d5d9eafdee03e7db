"""The global step: a variable of a graph that counts updates."""

from __future__ import annotations

import numpy as np

from refnet.errors import GraphError
from refnet.graph import Graph, Variable, get_default_graph

KEY = "global_step"


def get_global_step(graph: Graph | None = None) -> Variable | None:
    """Return the global step of a graph, or None if it has none."""
    kept = (graph or get_default_graph()).get_collection(KEY)
    return kept[0] if kept else None


def create_global_step(graph: Graph | None = None) -> Variable:
    """Return a new global step, an int64 that starts at 0; GraphError if there is one."""
    of = graph or get_default_graph()
    if get_global_step(of) is not None:
        raise GraphError(
            "create_global_step",
            got="a graph that has a global step",
            needs="a graph without",
            cause="get_or_create_global_step returns the one that there is.",
        )
    made = Variable(np.int64(0), trainable=False, name=KEY, graph=of)
    of.add_to_collection(KEY, made)
    return made


def get_or_create_global_step(graph: Graph | None = None) -> Variable:
    """Return the global step of a graph, a new one if it has none."""
    return get_global_step(graph) or create_global_step(graph)
