"""Sessions as TensorFlow makes them, and the settings that have no part in a value here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from refnet import graph as _graph
from refnet.graph import Graph


class Session(_graph.Session):
    """A session; a feed that no fetch needs passes, as in TensorFlow.

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
        return super().run(fetches, feed_dict)


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


def disable_eager_execution() -> None:
    """Do nothing: there is no eager execution to switch off."""


def disable_v2_behavior() -> None:
    """Do nothing: there is no other behaviour to switch off."""


@contextmanager
def device(device_name_or_function: Any) -> Iterator[None]:
    """Do nothing: where TensorFlow computes has no part in a value here."""
    yield
