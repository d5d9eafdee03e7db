"""Sessions as TensorFlow makes them, and the settings that have no part in a value here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
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


class InteractiveSession(_graph.InteractiveSession):
    """A session that is the default from the start, until it is closed."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(graph, strict=False)


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


def set_verbosity(v: Any) -> None:
    """Do nothing: nothing is logged."""


def run(main: Callable[[list[str]], Any] | None = None, argv: list[str] | None = None) -> None:
    """Call ``main(argv)``, by default that of the program, and exit with what it returns."""
    called = main or sys.modules["__main__"].main
    sys.exit(called(sys.argv if argv is None else argv))


app = SimpleNamespace(run=run)
logging = SimpleNamespace(
    set_verbosity=set_verbosity, DEBUG=10, INFO=20, WARN=30, WARNING=30, ERROR=40, FATAL=50
)
