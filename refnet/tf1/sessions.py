"""Sessions as TensorFlow makes them, and the settings that have no part in a value here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from refnet import graph as _graph
from refnet.graph import Graph, Operation, Variable


class Session(_graph.Session):
    """A session; a feed that no fetch needs passes, as in TensorFlow.

    A variable that is itself fetched is what it is after the run: ``run([train_op, global_step])``
    gives the number of steps that are done. All that is computed from it takes it as it was before.

    ``target`` and ``config`` say where TensorFlow computes, and have no part in a value here.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(graph, strict=False)

    def run(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        options: Any = None,
        run_metadata: Any = None,
    ) -> Any:
        """Return the values of nodes; see :meth:`refnet.graph.Session.run`."""
        found = super().run(fetches, feed_dict)
        return self._settled(fetches, found, set(map(self._node, feed_dict or ())))

    def _settled(self, fetches: Any, found: Any, fed: set[Any]) -> Any:
        """Return what was found, with variables as they are after the run."""
        if isinstance(fetches, Mapping):
            return {k: self._settled(v, found[k], fed) for k, v in fetches.items()}
        if isinstance(fetches, list | tuple):
            parts = [self._settled(v, w, fed) for v, w in zip(fetches, found, strict=True)]
            return type(found)(*parts) if hasattr(found, "_fields") else type(found)(parts)
        node = self._node(fetches)
        if isinstance(node, Variable) and node not in fed:
            return self.state[node].copy()[()]
        return None if isinstance(node, Operation) else found

    def _node(self, key: Any) -> Any:
        """Return the node that a key of a feed, or a fetch, stands for."""
        if not isinstance(key, str):
            return key
        return self.graph.node(key) if ":" in key else self.graph.get_operation_by_name(key)


class InteractiveSession(Session, _graph.InteractiveSession):
    """A session that is the default from the start, until it is closed."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        _graph.InteractiveSession.__init__(self, graph, strict=False)


class ConfigProto(SimpleNamespace):
    """Settings of a session by name; none has a part in a value here."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"gpu_options": GPUOptions(), **settings})


class GPUOptions(SimpleNamespace):
    """Settings of graphics cards, which refnet does not use."""


class RunOptions(SimpleNamespace):
    """Settings of one run by name; none has a part in a value here."""

    NO_TRACE, SOFTWARE_TRACE, HARDWARE_TRACE, FULL_TRACE = 0, 1, 2, 3


class RunMetadata(SimpleNamespace):
    """What a run would leave of its times; it stays empty."""


def disable_eager_execution() -> None:
    """Do nothing: there is no eager execution to switch off."""


def disable_v2_behavior() -> None:
    """Do nothing: there is no other behaviour to switch off."""


@contextmanager
def device(device_name_or_function: Any) -> Iterator[None]:
    """Do nothing: where TensorFlow computes has no part in a value here."""
    yield
