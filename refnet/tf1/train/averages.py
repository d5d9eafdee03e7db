"""Moving averages of variables and other nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from refnet.errors import GraphError, OptionError
from refnet.graph import Node, Variable, get_default_graph, get_variable_scope, group
from refnet.tf1.arithmetic import cast, minimum
from refnet.tf1.arrays import zeros
from refnet.tf1.values import float32, value

KEY = "moving_average_variables"


class ExponentialMovingAverage:
    """Averages that follow: average <- average - (1 - decay) (average - value).

    ``apply`` makes the operation that moves them, ``average`` gives the variable of one. That of a
    variable starts at its initial value, that of another node at 0. With ``num_updates``, a node,
    the decay is at most (1 + num_updates) / (10 + num_updates). An average is named after what it
    is of, within the variable scope of ``apply``: "bn/bn/w/ExponentialMovingAverage" of "bn/w".

    Raises
    ------
    OptionError
        For ``zero_debias``.
    """

    def __init__(
        self,
        decay: Any,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        if zero_debias:
            raise OptionError(
                "ExponentialMovingAverage",
                got="zero_debias=True",
                needs="False",
                cause="An average divided by 1 - decay^t, t the number of updates, has no bias.",
            )
        self.name = name
        self._decay = decay
        self._num_updates = num_updates
        self._averages: dict[Node, Variable] = {}

    def apply(self, var_list: Sequence[Node] | None = None) -> Node:
        """Return the operation that moves the averages of these nodes, the trainable by default.

        Raises
        ------
        GraphError
            If a node has an average already.
        """
        graph = get_default_graph()
        every = graph.get_collection("trainable_variables") if var_list is None else list(var_list)
        for node in every:
            if node in self._averages:
                raise GraphError(
                    f"ExponentialMovingAverage.apply, node {node.name!r}",
                    got="a node that has an average already",
                    needs="nodes without",
                    cause="One call of apply, with all nodes, does for all of them.",
                )
            with graph.control_dependencies(None), graph.name_scope(None):
                self._averages[node] = self._start(node)
            graph.add_to_collection(KEY, node)
        with graph.name_scope(self.name) as scope:
            decay = value(self._decay, float32)
            if self._num_updates is not None:
                n = cast(self._num_updates, float32)
                decay = minimum(decay, (1.0 + n) / (10.0 + n))
            moves = []
            for node in every:
                average = self._averages[node]
                share = cast(1.0 - decay, average.dtype)
                moves.append(average.assign_sub((average - node) * share, name="AssignMovingAvg"))
            return group(*moves, name=scope)

    def average(self, var: Node) -> Variable | None:
        """Return the variable that holds the average of a node, or None."""
        return self._averages.get(var)

    def average_name(self, var: Node) -> str:
        """Return the name of the variable that holds the average of a node."""
        found = self._averages.get(var)
        return f"{var.op.name}/{self.name}" if found is None else found.op.name

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Variable]:
        """Return a dict for a Saver that reads averages into the variables that they are of."""
        graph = get_default_graph()
        averaged = moving_avg_variables or graph.get_collection("trainable_variables")
        restored = {self.average_name(v): v for v in averaged}
        others = [v for v in graph.variables if v not in restored.values()]
        return restored | {v.op.name: v for v in others if v.op.name not in restored}

    def _start(self, node: Node) -> Variable:
        start: Any = node.initial_value if isinstance(node, Variable) else None
        if start is None:
            start = zeros(node.shape, np.dtype(node.dtype))
        within = get_variable_scope().name
        name = f"{node.op.name}/{self.name}"
        return Variable(start, trainable=False, name=f"{within}/{name}" if within else name)
